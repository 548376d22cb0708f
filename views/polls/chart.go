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

// turnoutChart describes the turnout as a line. A poll younger than a day is
// labelled by the hour.
func turnoutChart(ctx context.Context, line []polls.TurnoutPoint) ui.ChartProps {
	chart := ui.ChartProps{Title: words.T(ctx, "polls.turnout.title")}
	if len(line) > 1 {
		chart.Hours = line[len(line)-1].Hour.Sub(line[0].Hour) < 24*time.Hour
	}
	step := (len(line) + chartPoints - 1) / chartPoints
	for i, p := range line {
		if last := i == len(line)-1; last || i%max(step, 1) == 0 {
			chart.Points = append(chart.Points, ui.Point{At: p.Hour, Value: int(p.Votes)})
		}
	}
	return chart
}

// daily keeps the last point of each day, as days are in the reader's zone.
func daily(ctx context.Context, line []polls.TurnoutPoint) []polls.TurnoutPoint {
	var days []polls.TurnoutPoint
	for i, p := range line {
		if i+1 == len(line) || words.Date(ctx, line[i+1].Hour) != words.Date(ctx, p.Hour) {
			days = append(days, p)
		}
	}
	return days
}

func dayRows(ctx context.Context, line []polls.TurnoutPoint) [][]string {
	var rows [][]string
	for _, p := range daily(ctx, line) {
		rows = append(rows, []string{words.Date(ctx, p.Hour), words.Number(ctx, p.Votes)})
	}
	return rows
}
