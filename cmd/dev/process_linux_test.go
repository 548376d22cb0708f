package main

import (
	"os"
	"testing"
)

// Linux passes the death of a parent on.
func TestKilledRunLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, command := range map[string][]string{
		"dev itself":           {os.Args[0]},
		"the make that ran it": {"/bin/sh", "-c", `"$0"; echo over`, os.Args[0]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startProcess(t, command...)
			if err := p.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			p.expectNothingLeft(t)
		})
	}
}
