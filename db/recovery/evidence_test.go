package recovery_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"veche/db"
	recoverydb "veche/db/recovery"
	"veche/domain/recovery"
)

func pdf() []byte {
	return []byte("%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n")
}

// pdfOf is a PDF of so many bytes.
func pdfOf(size int) []byte {
	const begin, end = "%PDF-1.7\n", "%%EOF\n"
	return []byte(begin + strings.Repeat("\n", size-len(begin)-len(end)) + end)
}

func photo(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := jpeg.Encode(&file, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func (d desk) keep(request string, content []byte) (kept recovery.Evidence, err error) {
	err = d.inTx(func(tx *db.Tx) error {
		kept, err = d.store.Keep(d.t.Context(), tx, request, recovery.Passport, content)
		return err
	})
	return kept, err
}

func (d desk) unseal(store *recoverydb.Store, id string) (content []byte, err error) {
	err = d.inTx(func(tx *db.Tx) error {
		_, content, err = store.Unseal(d.t.Context(), tx, id)
		return err
	})
	return content, err
}

func TestCopyIsSealedAndOpened(t *testing.T) {
	t.Parallel()
	d := open(t)
	for media, content := range map[string][]byte{"application/pdf": pdf(), "image/jpeg": photo(t)} {
		kept, err := d.keep("r1", content)
		if err != nil {
			t.Fatalf("%s: %v", media, err)
		}
		if kept.MIME != media || kept.Size != len(content) || kept.SHA256 != sha256.Sum256(content) || kept.Kind != recovery.Passport || kept.ErasedAt != nil {
			t.Errorf("%s is kept as %+v", media, kept)
		}
		if got, err := d.unseal(d.store, kept.ID); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %d bytes (%v)", media, len(got), err)
		}
		sealed := one[[]byte](d, `SELECT sealed FROM recovery_evidence WHERE public_id = $1`, kept.ID)
		if bytes.Contains(sealed, content[:16]) {
			t.Errorf("%s stands in the database as it is", media)
		}
		again, err := d.keep("r1", content)
		if err != nil || again != kept {
			t.Errorf("%s sent again: %+v (%v)", media, again, err)
		}
		if elsewhere, err := d.keep("r2", content); err != nil || elsewhere.ID == kept.ID {
			t.Errorf("%s for another request: %+v (%v)", media, elsewhere, err)
		}
	}
	err := d.inTx(func(tx *db.Tx) error {
		listed, err := d.store.Evidence(t.Context(), tx, "r1")
		if len(listed) != 2 {
			t.Errorf("listed %+v", listed)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoCopyIsRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	var drawing bytes.Buffer
	if err := png.Encode(&drawing, image.NewGray(image.Rect(0, 0, 4, 3))); err != nil {
		t.Fatal(err)
	}
	picture := photo(t)
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"nothing":                {nil, recovery.ErrNoEvidence},
		"a program as passport":  {append([]byte("MZ\x90\x00\x03\x00\x00\x00"), bytes.Repeat([]byte{0}, 200)...), recovery.ErrForeignEvidence},
		"a program of Linux":     {append([]byte("\x7fELF\x02\x01\x01"), bytes.Repeat([]byte{0}, 200)...), recovery.ErrForeignEvidence},
		"a page":                 {[]byte("<!doctype html><script>alert(1)</script>"), recovery.ErrForeignEvidence},
		"a drawing of lines":     {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), recovery.ErrForeignEvidence},
		"an archive":             {append([]byte("PK\x03\x04"), bytes.Repeat([]byte{0}, 200)...), recovery.ErrForeignEvidence},
		"a drawing":              {drawing.Bytes(), recovery.ErrForeignEvidence},
		"words":                  {[]byte("Паспорт 44 00 000001"), recovery.ErrForeignEvidence},
		"a beginning of a PDF":   {pdf()[:40], recovery.ErrBrokenEvidence},
		"a page that calls PDF":  {[]byte("<html>%PDF-1.7 %%EOF</html>"), recovery.ErrBrokenEvidence},
		"a beginning of a photo": {picture[:len(picture)/2], recovery.ErrBrokenEvidence},
		"three bytes of a photo": {[]byte("\xff\xd8\xff\xd9"), recovery.ErrBrokenEvidence},
		"one byte too many":      {pdfOf(recovery.MaxEvidence + 1), recovery.ErrLargeEvidence},
	} {
		if kept, err := d.keep("r1", c.content); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v (%v)", name, kept, err)
		}
	}
	if _, err := d.keep("r1", pdfOf(recovery.MaxEvidence)); err != nil {
		t.Errorf("exactly as large as may be: %v", err)
	}
}

func TestAlteredCopyIsNotOpened(t *testing.T) {
	t.Parallel()
	d := open(t)
	for name, statement := range map[string]string{
		"a byte of the copy":  `UPDATE recovery_evidence SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) WHERE public_id = $1`,
		"a byte of the nonce": `UPDATE recovery_evidence SET sealed = set_byte(sealed, 0, get_byte(sealed, 0) # 1) WHERE public_id = $1`,
		"the end cut off":     `UPDATE recovery_evidence SET sealed = substr(sealed, 1, length(sealed) - 1) WHERE public_id = $1`,
		"nearly nothing left": `UPDATE recovery_evidence SET sealed = '\x00' WHERE public_id = $1`,
		"another request":     `UPDATE recovery_evidence SET request = 'r9' || public_id WHERE public_id = $1`,
		"another type":        `UPDATE recovery_evidence SET mime = 'image/jpeg' WHERE public_id = $1`,
		"another paper":       `UPDATE recovery_evidence SET kind = 'other' WHERE public_id = $1`,
		"another digest":      `UPDATE recovery_evidence SET sha256 = set_byte(sha256, 0, get_byte(sha256, 0) # 1) WHERE public_id = $1`,
		"somebody else's copy": `UPDATE recovery_evidence SET sealed = (SELECT sealed FROM recovery_evidence WHERE request = 'theirs')
			WHERE public_id = $1`,
	} {
		if _, err := d.keep("theirs", pdf()); err != nil {
			t.Fatal(err)
		}
		kept, err := d.keep("of "+name, pdf())
		if err != nil {
			t.Fatal(err)
		}
		d.exec(statement, kept.ID)
		if content, err := d.unseal(d.store, kept.ID); err == nil || content != nil || errors.Is(err, recovery.ErrGone) {
			t.Errorf("%s: %d bytes (%v)", name, len(content), err)
		}
	}
	kept, err := d.keep("r1", pdf())
	if err != nil {
		t.Fatal(err)
	}
	if content, err := d.unseal(d.with("another secret that is long enough too"), kept.ID); err == nil || content != nil {
		t.Errorf("under another secret: %d bytes", len(content))
	}
}

func TestDecidedCopyIsErased(t *testing.T) {
	t.Parallel()
	d := open(t)
	decided, err := d.keep("decided", pdf())
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := d.keep("waiting", pdf())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.inTx(func(tx *db.Tx) error { return d.store.Erase(t.Context(), tx, "decided") }); err != nil {
			t.Fatal(err)
		}
	}
	if content, err := d.unseal(d.store, decided.ID); !errors.Is(err, recovery.ErrGone) || content != nil {
		t.Errorf("%d bytes (%v)", len(content), err)
	}
	if content, err := d.unseal(d.store, waiting.ID); err != nil || content == nil {
		t.Errorf("the other request's copy is gone: %v", err)
	}
	again, err := d.keep("decided", pdf())
	if err != nil || again.ErasedAt == nil || again.SHA256 != decided.SHA256 {
		t.Errorf("what is known of an erased copy: %+v (%v)", again, err)
	}
	if one[bool](d, `SELECT sealed IS NOT NULL FROM recovery_evidence WHERE request = 'decided'`) {
		t.Error("sent again, an erased copy is kept again")
	}
}

func TestNobodysPassportIsKeptBecauseItWasForgotten(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, about := d.person()
	for _, request := range []string{"forgotten", "recent"} {
		if _, err := d.keep(request, pdf()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.store.Check(t.Context(), about, []string{"нет", "нет", "нет"}); err != nil {
		t.Fatal(err)
	}
	d.exec(`UPDATE recovery_evidence SET created_at = created_at - interval '30 days' WHERE request = 'forgotten'`)
	d.exec(`UPDATE recovery_evidence SET created_at = created_at - interval '29 days' WHERE request = 'recent'`)
	if n, err := d.store.EraseForgotten(t.Context()); err != nil || n != 1 {
		t.Errorf("%d copies (%v)", n, err)
	}
	if left := one[string](d, `SELECT string_agg(request, ' ') FROM recovery_evidence WHERE sealed IS NOT NULL`); left != "recent" {
		t.Errorf("left: %s", left)
	}
	if n := one[int](d, `SELECT count(*) FROM control_question_rounds`); n != 1 {
		t.Errorf("%d counts of rounds, though they still matter", n)
	}
	d.exec(`UPDATE control_question_rounds SET since = since - interval '1 day'`)
	if _, err := d.store.EraseForgotten(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := one[int](d, `SELECT count(*) FROM control_question_rounds`); n != 0 {
		t.Errorf("%d counts of rounds are left", n)
	}
}
