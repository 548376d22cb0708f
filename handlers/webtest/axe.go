package webtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Violation is something axe found wrong with a page.
type Violation struct {
	Rule   string // "color-contrast"
	Impact string // "minor", "moderate", "serious" or "critical"
	Help   string
	Nodes  []string // the elements, as selectors, each with axe's reason
}

// Serious says whether it keeps somebody from using the page.
func (v Violation) Serious() bool { return v.Impact == "serious" || v.Impact == "critical" }

// String names the rule and where it is broken.
func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s\n  %s", v.Rule, v.Impact, v.Help, strings.Join(v.Nodes, "\n  "))
}

// axeRun checks the page against WCAG 2.2 A and AA and axe's good practice.
const axeRun = `axe.run(document, {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	resultTypes: ["violations"],
}).then(found => JSON.stringify(found.violations.map(v => ({
	Rule: v.id,
	Impact: v.impact,
	Help: v.help,
	Nodes: v.nodes.map(n => n.target.join(" ") + ": " + (n.failureSummary || "").split("\n").slice(1).join(" ").trim()),
}))))`

// axeRest waits until everything the page is drawn with has come.
const axeRest = `(async () => {
	if (document.readyState !== "complete") await new Promise(come => addEventListener("load", come, {once: true}));
	await document.fonts.ready;
	return true;
})()`

// Axe looks at the page that stands in the browser of ctx with axe-core and
// returns what it found, serious or not. Whatever moves on the page should have
// come to rest before.
func Axe(ctx context.Context) ([]Violation, error) {
	source, err := axeSource()
	if err != nil {
		return nil, err
	}
	var rested bool
	var found string
	err = chromedp.Run(ctx,
		chromedp.Evaluate(axeRest, &rested, awaited),
		chromedp.Evaluate(source+"\n;true", nil),
		chromedp.Evaluate(axeRun, &found, awaited),
	)
	if err != nil {
		return nil, fmt.Errorf("run axe: %w", err)
	}
	var violations []Violation
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		return nil, fmt.Errorf("read what axe found: %w", err)
	}
	return violations, nil
}

func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// axeSource is axe-core as npm installed it, in the repository this test runs in.
var axeSource = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find axe: %w", err)
	}
	for {
		source, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
		if err == nil {
			return string(source), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("find axe: node_modules/axe-core is missing: run `npm ci --ignore-scripts`")
		}
		dir = parent
	}
})
