//go:build !linux

package child

import "syscall"

func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}

// FollowParent does nothing here: only Linux tells a process of its parent's death.
func FollowParent() {}
