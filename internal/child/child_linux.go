package child

import "syscall"

func dieWithParent(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }

// FollowParent has this very process asked to end (SIGTERM) when the program that
// started it dies, for instance a make that was killed.
func FollowParent() {
	const setParentDeathSignal = 1 // PR_SET_PDEATHSIG, prctl(2)
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, setParentDeathSignal, uintptr(syscall.SIGTERM), 0)
}
