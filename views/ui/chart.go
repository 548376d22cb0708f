package ui

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Point is a value at a moment.
type Point struct {
	At    time.Time
	Value int
}

// ChartProps describes a line over time. Points are in order of time.
type ChartProps struct {
	Title  string
	Points []Point
	Hours  bool // label the moments by the hour and not by the day
	// From and Until are the ends of the axis, of a day that is not over yet. Without
	// them it goes from the first point to the last.
	From, Until time.Time
	Empty       string // what stands there without any point; "" says that there are too few
}

// The drawing is stretched to its frame, so its units are percent; lines keep
// their thickness by vector-effect.
const chartSize = 100.0

// top is the value at the upper edge: the next round number above all points.
func (p ChartProps) top() int {
	highest := 0
	for _, point := range p.Points {
		highest = max(highest, point.Value)
	}
	return roundUp(highest)
}

// roundUp is the next round number not below n. It is even, because the axis shows
// its half too.
func roundUp(n int) int {
	if n <= 2 {
		return 2
	}
	if n <= 10 {
		return n + n%2
	}
	for step := 1; ; step *= 10 {
		for _, tens := range []int{10, 12, 16, 20, 24, 30, 40, 50, 60, 80} {
			if top := tens * step; top >= n {
				return top
			}
		}
	}
}

func (p ChartProps) place(point Point) (x, y float64) {
	first, last := p.ends()
	if span := last.Sub(first); span > 0 {
		x = chartSize * float64(point.At.Sub(first)) / float64(span)
	}
	y = chartSize - chartSize*float64(max(point.Value, 0))/float64(p.top())
	return x, y
}

// ends are the moments at the two ends of the axis.
func (p ChartProps) ends() (first, last time.Time) {
	if p.hasEnds() {
		return p.From, p.Until
	}
	return p.Points[0].At, p.Points[len(p.Points)-1].At
}

func (p ChartProps) hasEnds() bool { return p.Until.After(p.From) }

// drawable says whether there is anything to draw: a single point has no length, and
// has a place only on an axis of its own.
func (p ChartProps) drawable() bool {
	return len(p.Points) > 1 || p.hasEnds() && len(p.Points) == 1
}

// line is the path through all points.
func (p ChartProps) line() string {
	var b strings.Builder
	for at, point := range p.Points {
		x, y := p.place(point)
		command := " L"
		if at == 0 {
			command = "M"
		}
		b.WriteString(command + coordinate(x) + " " + coordinate(y))
	}
	return b.String()
}

// area is the surface under the line.
func (p ChartProps) area() string {
	if len(p.Points) == 0 {
		return ""
	}
	first, _ := p.place(p.Points[0])
	last, _ := p.place(p.Points[len(p.Points)-1])
	bottom := coordinate(chartSize)
	return p.line() + " L" + coordinate(last) + " " + bottom + " L" + coordinate(first) + " " + bottom + " Z"
}

// end is a line of no length at the last point: with round caps it is a dot that
// stays round when the drawing is stretched.
func (p ChartProps) end() string {
	if len(p.Points) == 0 {
		return ""
	}
	x, y := p.place(p.Points[len(p.Points)-1])
	return "M" + coordinate(x) + " " + coordinate(y) + " h0"
}

func coordinate(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}

// moments are the points labelled under the axis: first, middle, last.
func (p ChartProps) moments() []Point {
	if p.hasEnds() {
		return []Point{{At: p.From}, {At: p.From.Add(p.Until.Sub(p.From) / 2)}, {At: p.Until}}
	}
	switch n := len(p.Points); {
	case n <= 3:
		return p.Points
	default:
		return []Point{p.Points[0], p.Points[n/2], p.Points[n-1]}
	}
}
