package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// config is what dev was told and where it works.
type config struct {
	root        string // the folder of go.mod
	keep        string // root/.veche
	port        int
	simPort     int
	databaseURL string // "" runs a private Postgres
	redisURL    string // "" runs a private Redis
	environ     []string
}

func readConfig(environ []string) (config, error) {
	c := config{environ: environ}
	var err error
	if c.root, err = moduleRoot(); err != nil {
		return c, err
	}
	c.keep = filepath.Join(c.root, ".veche")
	if c.port, err = c.portFrom("PORT", 8080); err != nil {
		return c, err
	}
	if c.simPort, err = c.portFrom("SIM_PORT", 8090); err != nil {
		return c, err
	}
	if c.port == c.simPort {
		return c, fmt.Errorf("PORT and SIM_PORT are both %d: choose two ports", c.port)
	}
	c.databaseURL = c.get("VECHE_DATABASE_URL")
	c.redisURL = c.get("VECHE_REDIS_URL")
	return c, nil
}

// get answers the last value of a variable, as a program's own environment does.
func (c config) get(name string) string {
	value := ""
	for _, v := range c.environ {
		if text, found := strings.CutPrefix(v, name+"="); found {
			value = text
		}
	}
	return value
}

func (c config) portFrom(name string, usual int) (int, error) {
	text := c.get(name)
	if text == "" {
		return usual, nil
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("%s is %q, but must be a port from 1 to 65535", name, text)
	}
	return port, nil
}

// base is the portal's address on this machine.
func (c config) base() string { return "http://" + c.address(c.port) }

func (c config) address(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

var moduleLine = regexp.MustCompile(`(?m)^module veche$`)

// moduleRoot finds the portal's source, from the working directory upwards.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		text, readErr := os.ReadFile(filepath.Join(dir, "go.mod"))
		if readErr == nil && moduleLine.Match(text) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("the portal's source is not here: run this in its folder")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

// secretFile makes the secret that signs the portal's sessions and passes once, so
// that they outlive a restart.
func secretFile(keep string) (string, error) {
	path := filepath.Join(keep, "secret")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	err := os.WriteFile(path, []byte(rand.Text()+rand.Text()+"\n"), 0o600)
	return path, err
}
