package rounds

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Column is one figure in a table.
type Column struct {
	Figure   string // its name in the samples, and the head of the column
	Decimals int
	Worst    bool // the largest of all rounds is told alone, for what must not be
	// Over names the floor: a column of ratios to it follows.
	Over string
}

// Print writes a line for each contender, in their order: the median, and min..max
// where the rounds differ. Figures that no contender told are left out.
func (r Results) Print(w io.Writer, columns ...Column) error {
	lines := make([][]string, len(r.names)+1)
	lines[0] = []string{""}
	for i, name := range r.names {
		lines[i+1] = []string{name}
	}
	add := func(head string, cell func(contender string) string) {
		cells := make([]string, len(r.names))
		for i, name := range r.names {
			cells[i] = cell(name)
		}
		if strings.Join(cells, "") == "" {
			return
		}
		lines[0] = append(lines[0], head)
		for i := range cells {
			lines[i+1] = append(lines[i+1], cells[i])
		}
	}
	for _, c := range columns {
		add(c.Figure, func(contender string) string {
			spread := r.Of(contender, c.Figure)
			if c.Worst {
				spread.Median, spread.Min = spread.Max, spread.Max
			}
			return spread.text(c.Decimals)
		})
		if c.Over == "" {
			continue
		}
		add("× "+c.Over, func(contender string) string {
			if contender == c.Over {
				return ""
			}
			return r.Ratio(c.Figure, contender, c.Over).text(2)
		})
	}
	_, err := io.WriteString(w, aligned(lines))
	return err
}

// text is a spread for a person, "" when nothing was told.
func (s Spread) text(decimals int) string {
	if s.Rounds == 0 {
		return ""
	}
	median, least, most := number(s.Median, decimals), number(s.Min, decimals), number(s.Max, decimals)
	if least == most {
		return median
	}
	return fmt.Sprintf("%s (%s..%s)", median, least, most)
}

// number writes thousands apart, as in 10,000.
func number(value float64, decimals int) string {
	text := fmt.Sprintf("%.*f", decimals, math.Abs(value))
	whole, fraction, _ := strings.Cut(text, ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if decimals > 0 {
		whole += "." + fraction
	}
	if value < 0 {
		return "-" + whole
	}
	return whole
}

// aligned sets the first column to the left and the others to the right.
func aligned(lines [][]string) string {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var out strings.Builder
	for _, line := range lines {
		var row strings.Builder
		for i, cell := range line {
			padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				row.WriteString("  " + cell + padding)
			} else {
				row.WriteString("   " + padding + cell)
			}
		}
		out.WriteString(strings.TrimRight(row.String(), " ") + "\n")
	}
	return out.String()
}
