package static

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// file is one asset with what a request for it may be answered with.
type file struct {
	contentType string
	etag        string
	plain       []byte
	gzip        []byte // nil where compression gains nothing
	brotli      []byte
}

var contentTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
	".png":   "image/png",
	".map":   "application/json",
}

func readFile(dist fs.FS, name string) (*file, error) {
	plain, err := fs.ReadFile(dist, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(plain)
	f := &file{
		contentType: contentTypes[path.Ext(name)],
		etag:        `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
		plain:       plain,
	}
	if f.contentType == "" {
		f.contentType = "application/octet-stream"
	}
	if f.gzip, err = readIfThere(dist, name+".gz"); err != nil {
		return nil, err
	}
	f.brotli, err = readIfThere(dist, name+".br")
	return f, err
}

func readIfThere(dist fs.FS, name string) ([]byte, error) {
	content, err := fs.ReadFile(dist, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return content, err
}

// Handler serves the assets; mount it at Prefix. Names carry the hash of their
// content, so answers may be kept for a year (RFC 8246).
func Handler() fiber.Handler { return load().serve }

func (a *assets) serve(c *fiber.Ctx) error {
	f, ok := a.files[strings.TrimPrefix(c.Path(), Prefix)]
	if !ok {
		if a.err != nil {
			return fiber.NewError(fiber.StatusServiceUnavailable, a.err.Error())
		}
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, f.contentType)
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")

	body, encoding := f.choose(c.Get(fiber.HeaderAcceptEncoding))
	etag := f.etag
	if encoding != "" {
		c.Set(fiber.HeaderContentEncoding, encoding)
		etag = strings.TrimSuffix(etag, `"`) + "-" + encoding + `"`
	}
	c.Set(fiber.HeaderETag, etag)
	if c.Get(fiber.HeaderIfNoneMatch) == etag {
		return c.SendStatus(fiber.StatusNotModified)
	}
	return c.Send(body)
}

// choose picks the smallest body the browser takes. A coding it names with
// "q=0" it does not take (RFC 9110, 12.5.3).
func (f *file) choose(accept string) (body []byte, encoding string) {
	takes := map[string]bool{}
	for coding := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(coding), ";")
		weight = strings.ReplaceAll(weight, " ", "")
		refused := strings.HasPrefix(weight, "q=0") && strings.Trim(weight[len("q=0"):], ".0") == ""
		takes[strings.ToLower(strings.TrimSpace(name))] = !refused
	}
	if f.brotli != nil && takes["br"] {
		return f.brotli, "br"
	}
	if f.gzip != nil && takes["gzip"] {
		return f.gzip, "gzip"
	}
	return f.plain, ""
}
