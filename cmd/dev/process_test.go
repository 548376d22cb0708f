package main

import (
	"bufio"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test program be dev itself, for tests of signals.
const asDev = "DEV_TEST_IS_DEV"

func TestMain(m *testing.M) {
	if os.Getenv(asDev) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// process is dev as a program of its own, ready and answering on ports.
type process struct {
	*exec.Cmd
	ports []int
}

func startProcess(t *testing.T, command ...string) process {
	t.Helper()
	c := town(t)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = c.root
	cmd.Env = append(plainEnviron(), asDev+"=1", fmt.Sprintf("PORT=%d", c.port), fmt.Sprintf("SIM_PORT=%d", c.simPort), "MAKELEVEL=1")
	cmd.Stderr = t.Output()
	cmd.WaitDelay = 20 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready "+c.base()+"\n" {
		t.Fatalf("it prints %q (%v)", line, err)
	}
	p := process{Cmd: cmd, ports: []int{c.port, c.simPort}}
	for _, variable := range []string{"VECHE_DATABASE_URL", "VECHE_REDIS_URL"} {
		value, err := get(c.base() + "/env?" + variable)
		if err != nil {
			t.Fatal(err)
		}
		address, err := url.Parse(value)
		if err != nil {
			t.Fatal(err)
		}
		p.ports = append(p.ports, portOf(t, address.Host))
	}
	return p
}

func (p process) expectNothingLeft(t *testing.T) {
	t.Helper()
	for _, port := range p.ports {
		eventually(t, fmt.Sprintf("port %d to fall silent", port), func() bool { return !listening(port) })
	}
}

func TestSignalEndsEverythingCleanly(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			p := startProcess(t, os.Args[0])
			if err := p.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := p.Wait(); err != nil {
				t.Errorf("it ends with %v", err)
			}
			p.expectNothingLeft(t)
		})
	}
}

func TestFailureIsASentenceAndExitCodeOne(t *testing.T) {
	t.Parallel()
	c := town(t)
	cmd := exec.Command(os.Args[0])
	cmd.Dir = c.root
	cmd.Env = append(plainEnviron(), asDev+"=1", "PORT=none")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || string(out) != "dev: PORT is \"none\", but must be a port from 1 to 65535\n" {
		t.Errorf("it says %q and ends with %v", out, err)
	}
	if strings.Contains(string(out), "goroutine") {
		t.Error("it shows a stack")
	}
}
