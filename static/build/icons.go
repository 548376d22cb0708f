package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// icons takes the listed drawings out of lucide and strips them to what a page
// needs: size and stroke come from the style sheet, and every icon is decoration
// beside words, so it is hidden from screen readers.
func icons(root string, out *output) error {
	raw, err := os.ReadFile(filepath.Join(root, "static", "icons", "icons.json"))
	if err != nil {
		return fmt.Errorf("read the list of icons: %w", err)
	}
	var names []string
	if err := json.Unmarshal(raw, &names); err != nil {
		return fmt.Errorf("read the list of icons: %w", err)
	}
	for _, name := range names {
		drawing, err := os.Open(filepath.Join(root, "node_modules", "lucide-static", "icons", name+".svg"))
		if err != nil {
			return fmt.Errorf("icon %q is not in lucide: %w", name, err)
		}
		shapes, err := shapes(drawing)
		drawing.Close()
		if err != nil {
			return fmt.Errorf("read icon %q: %w", name, err)
		}
		svg := `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">` + shapes + `</svg>`
		if err := out.write(filepath.Join("icons", name+".svg"), []byte(svg)); err != nil {
			return err
		}
	}
	return nil
}

// shapes are the elements inside the <svg>, on one line.
func shapes(drawing io.Reader) (string, error) {
	var b strings.Builder
	decoder := xml.NewDecoder(drawing)
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local == "svg" {
			continue
		}
		b.WriteString("<" + start.Name.Local)
		for _, attr := range start.Attr {
			b.WriteString(" " + attr.Name.Local + `="`)
			if err := xml.EscapeText(&b, []byte(attr.Value)); err != nil {
				return "", err
			}
			b.WriteString(`"`)
		}
		b.WriteString("/>")
	}
}
