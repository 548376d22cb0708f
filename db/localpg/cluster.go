package localpg

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"veche/internal/child"
)

// dataMajor is the release that made the data, 0 when there are none.
func (h home) dataMajor() (int, error) {
	text, err := os.ReadFile(filepath.Join(h.data(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at the database: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("the database in %s does not say which release made it: %w", h.data(), err)
	}
	return major, nil
}

// passwordFile lies among the data: it is private to the server's user and is gone
// when they are.
const passwordFile = "veche.password"

func (h home) password() (string, error) {
	text, err := os.ReadFile(filepath.Join(h.data(), passwordFile))
	if err != nil {
		return "", fmt.Errorf("read the database's password: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// locales are what the C library may know besides ICU's rules, best first. Letters
// beyond ASCII must count as letters, or full-text search would not fold their case.
func locales() []string {
	if runtime.GOOS == "darwin" {
		return []string{"en_US.UTF-8", "ru_RU.UTF-8"}
	}
	return []string{"C.UTF-8", "ru_RU.UTF-8", "en_US.UTF-8"}
}

// initdb makes the cluster: UTF-8, Russian ICU collation where the programs have
// ICU. It is made beside and renamed, so that a killed attempt leaves nothing that
// looks finished.
func (h home) initdb(ctx context.Context, programs Installation, scratch bool) error {
	var failures []error
	for _, icu := range []bool{true, false} {
		for _, locale := range locales() {
			err := h.tryInitdb(ctx, programs, scratch, icu, locale)
			if err == nil || ctx.Err() != nil {
				return err
			}
			failures = append(failures, err)
		}
	}
	return fmt.Errorf("make the database cluster: %w", failures[0])
}

func (h home) tryInitdb(ctx context.Context, programs Installation, scratch, icu bool, locale string) error {
	made := h.data() + ".new"
	if err := os.RemoveAll(made); err != nil {
		return err
	}
	if err := os.Mkdir(made, 0o700); err != nil {
		return err
	}
	secret := filepath.Join(h.dir, passwordFile)
	if err := os.WriteFile(secret, []byte(rand.Text()+"\n"), 0o600); err != nil {
		return err
	}
	defer func() { _ = os.Remove(secret) }()
	for _, path := range []string{made, secret} {
		if err := h.own(path); err != nil {
			return err
		}
	}
	args := []string{
		"--pgdata=" + made, "--username=" + superuser, "--pwfile=" + secret, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=" + locale,
	}
	if icu {
		args = append(args, "--locale-provider=icu", "--icu-locale=ru-RU")
	}
	if scratch {
		args = append(args, "--no-sync")
	}
	cmd := h.command(filepath.Join(programs.Bin, "initdb"), args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	process, err := child.Start(cmd, stopFast)
	if err != nil {
		return err
	}
	select {
	case <-process.Done():
	case <-ctx.Done():
		_ = process.Stop(stopFast, 5*time.Second)
		return ctx.Err()
	}
	if err := process.Err(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(output.String()))
	}
	if err := os.Rename(secret, filepath.Join(made, passwordFile)); err != nil {
		return err
	}
	return os.Rename(made, h.data())
}
