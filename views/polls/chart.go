package polls

import (
	"context"
	"time"

	"veche/domain/polls"
	"veche/views/ui"
	"veche/views/words"
)

// chartPoints bounds the line: more points than this cannot be told apart.
const chartPoints = 120

// turnoutChart describes the turnout as a line. A poll younger than two days is
// labelled by the hour.
func turnoutChart(ctx context.Context, line []polls.TurnoutPoint) ui.ChartProps {
	chart := ui.ChartProps{Title: words.T(ctx, "polls.turnout.title")}
	if len(line) > 1 {
		chart.Hours = line[len(line)-1].Hour.Sub(line[0].Hour) < 48*time.Hour
	}
	step := (len(line) + chartPoints - 1) / chartPoints
	for i, p := range line {
		if last := i == len(line)-1; last || i%max(step, 1) == 0 {
			chart.Points = append(chart.Points, ui.Point{At: p.Hour, Value: int(p.Votes)})
		}
	}
	return chart
}
