package ui_test

import (
	"strings"
	"testing"
	"time"

	"veche/views/ui"
)

func points(values ...int) []ui.Point {
	start := time.Date(2026, time.November, 1, 9, 0, 0, 0, time.UTC)
	made := make([]ui.Point, len(values))
	for day, value := range values {
		made[day] = ui.Point{At: start.AddDate(0, 0, day), Value: value}
	}
	return made
}

func TestChartScaleIsRound(t *testing.T) {
	for highest, want := range map[int][2]string{
		0:         {"2", "1"},
		3:         {"4", "2"},
		9:         {"10", "5"},
		11:        {"12", "6"},
		97:        {"100", "50"},
		1250:      {"1\u00a0600", "800"},
		12_345:    {"16\u00a0000", "8\u00a0000"},
		9_999_999: {"10\u00a0000\u00a0000", "5\u00a0000\u00a0000"},
	} {
		scale := draw(t, ru(), ui.LineChart(ui.ChartProps{Title: "Голоса", Points: points(0, highest)})).Find(".chart-scale span")
		if got := [2]string{scale.Eq(0).Text(), scale.Eq(1).Text()}; got != want {
			t.Errorf("up to %d the scale shows %q, not %q", highest, got, want)
		}
	}
}

func TestChartLineFollowsTimeAndValue(t *testing.T) {
	chart := draw(t, ru(), ui.LineChart(ui.ChartProps{Title: "Голоса", Points: points(0, 5, 10)}))
	if got := attr(t, chart.Find(".chart-line"), "d"); got != "M0 100 L50 50 L100 0" {
		t.Errorf("the line runs %q", got)
	}
	if got := attr(t, chart.Find("svg"), "aria-label"); !strings.Contains(got, "Голоса") || !strings.Contains(got, "10") {
		t.Errorf("the line is told as %q", got)
	}
}

func TestChartOfOnePointSaysSo(t *testing.T) {
	chart := draw(t, ru(), ui.LineChart(ui.ChartProps{Title: "Голоса", Points: points(7)}))
	if chart.Find("svg").Length() != 0 || chart.Find(".chart-empty").Length() != 1 {
		t.Error("one point is drawn as a line")
	}
}

func TestChartTableHasEveryPoint(t *testing.T) {
	table := draw(t, ru(), ui.ChartTable(ui.ChartProps{Title: "Голоса", Points: points(0, 1500)}))
	rows := table.Find("tbody tr")
	if rows.Length() != 2 || rows.Eq(1).Find("td").Text() != "1\u00a0500" {
		t.Errorf("the table reads %q", table.Text())
	}
}

func TestChartWithEndsLeavesRoomForWhatIsToCome(t *testing.T) {
	midnight := time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)
	day := ui.ChartProps{
		Title: "Просмотры", Hours: true, From: midnight, Until: midnight.AddDate(0, 0, 1),
		Points: []ui.Point{{At: midnight, Value: 2}, {At: midnight.Add(6 * time.Hour), Value: 1}},
	}
	chart := draw(t, ru(), ui.LineChart(day))
	if got := attr(t, chart.Find(".chart-line"), "d"); got != "M0 0 L25 50" {
		t.Errorf("the line runs %q", got)
	}
	if n := chart.Find(".chart-moments span").Length(); n != 3 {
		t.Errorf("%d moments are named", n)
	}
	day.Points = day.Points[1:]
	if got := attr(t, draw(t, ru(), ui.LineChart(day)).Find(".chart-end"), "d"); got != "M25 50 h0" {
		t.Errorf("the only point stands at %q", got)
	}
	day.Points = nil
	if draw(t, ru(), ui.LineChart(day)).Find(".chart-empty").Length() != 1 {
		t.Error("nothing is drawn as something")
	}
}
