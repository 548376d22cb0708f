package web

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// client is one browser's connection, kept alive. It writes requests made
// beforehand and reads answers by their Content-Length, to leave the machine to the
// server.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(address string) (*client, error) {
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 32<<10)}, nil
}

func (c *client) close() { _ = c.conn.Close() }

// ask sends a request and answers the status and the length of the body.
func (c *client) ask(request []byte) (status, length int, err error) {
	if _, err := c.conn.Write(request); err != nil {
		return 0, 0, err
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	if len(line) < 12 {
		return 0, 0, fmt.Errorf("the server answers %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, fmt.Errorf("the server answers %q", line)
	}
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return 0, 0, err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, 0, fmt.Errorf("the server says %q", line)
			}
		}
	}
	_, err = c.in.Discard(length)
	return status, length, err
}

// browserHeaders are what a browser of today sends with everything.
const browserHeaders = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\r\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n" +
	"Accept-Language: ru,en;q=0.5\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Sec-Fetch-Site: same-origin\r\n"

func get(host, path, token string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n%s", path, host, browserHeaders)
	if token != "" {
		fmt.Fprintf(&b, "Cookie: session=%s\r\n", token)
	}
	io.WriteString(&b, "\r\n")
	return b.Bytes()
}

// vote is the form of the poll's page, sent by htmx or by the browser itself.
func vote(host, secret string, poll, option int64, voter person, htmx bool) []byte {
	path := fmt.Sprintf("/polls/%d", poll)
	csrf := token(secret, voter)
	form := url.Values{"csrf": {csrf}, "request": {rand.Text()}, "option": {strconv.FormatInt(option, 10)}}.Encode()
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s/ballots HTTP/1.1\r\nHost: %s\r\n%s", path, host, browserHeaders)
	fmt.Fprintf(&b, "Origin: http://%s\r\nReferer: http://%s%s\r\n", host, host, path)
	fmt.Fprintf(&b, "Cookie: session=%s\r\n", voter.Token)
	if htmx {
		fmt.Fprintf(&b, "HX-Request: true\r\nHX-Target: poll-%d-form\r\nHX-Current-URL: http://%s%s\r\nX-CSRF-Token: %s\r\n", poll, host, path, csrf)
	}
	fmt.Fprintf(&b, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(form), form)
	return b.Bytes()
}

// token is what the server wrote into the page of the voter: see handlers/csrf.go.
func token(secret string, voter person) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("csrf\x00session:" + voter.Session))
	var mask [16]byte
	_, _ = rand.Read(mask[:])
	masked := append(mask[:], mac.Sum(nil)...)
	for i := range sha256.Size {
		masked[len(mask)+i] ^= mask[i%len(mask)]
	}
	return base64.RawURLEncoding.EncodeToString(masked)
}

// plain asks for a page as it is, not compressed.
func plain(host, path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
}

// read answers the body.
func (c *client) read(request []byte) ([]byte, error) {
	if _, err := c.conn.Write(request); err != nil {
		return nil, err
	}
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	return io.ReadAll(answer.Body)
}
