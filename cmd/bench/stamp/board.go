// Package stamp says what is newest of every topic of the bench, across processes.
//
// A stamp is the moment of a change, in Unix nanoseconds. Whoever publishes a change
// writes its stamp on the board first, as a commit comes before its announcement;
// drawings carry the stamp they found there; clients tell by it how long a change
// was on its way, and whether they show the newest.
package stamp

import (
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const size = 8 // bytes of a stamp

// Board has one stamp for each topic, in memory that processes share through a file.
type Board struct {
	memory []byte
	stamps []int64 // the same
}

// Create makes the file of a board of n topics, all with stamp 0.
func Create(path string, n int) (*Board, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a board: %w", err)
	}
	defer file.Close()
	if err := file.Truncate(int64(n) * size); err != nil {
		return nil, fmt.Errorf("make a board: %w", err)
	}
	return share(file)
}

// Open opens the board that another process made.
func Open(path string) (*Board, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open the board: %w", err)
	}
	defer file.Close()
	return share(file)
}

func share(file *os.File) (*Board, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("open the board: %w", err)
	}
	if info.Size() < size {
		return nil, fmt.Errorf("open the board: %s has no topic", file.Name())
	}
	memory, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("share the board: %w", err)
	}
	return &Board{memory: memory, stamps: unsafe.Slice((*int64)(unsafe.Pointer(&memory[0])), len(memory)/size)}, nil
}

// Close lets go of the memory. The board must not be used after.
func (b *Board) Close() error {
	b.stamps = nil
	return syscall.Munmap(b.memory)
}

// Topics is how many there are.
func (b *Board) Topics() int { return len(b.stamps) }

// Newest is the stamp of a topic's last change, 0 without one.
func (b *Board) Newest(topic int) int64 { return atomic.LoadInt64(&b.stamps[topic]) }

// Change stamps a topic with the present moment.
func (b *Board) Change(topic int) int64 {
	now := time.Now().UnixNano()
	atomic.StoreInt64(&b.stamps[topic], now)
	return now
}
