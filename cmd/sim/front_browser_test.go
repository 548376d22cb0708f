package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browse opens a headless Chromium for the test.
func browse(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.DisableGPU)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox refuses to run as root
	}
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	browser, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(closeBrowser)
	limited, cancel := context.WithTimeout(browser, 60*time.Second)
	t.Cleanup(cancel)
	return limited
}

func TestOpenPageShowsArrivalsAndRunsNothingOfThem(t *testing.T) {
	pages, smtp := startSim(t)
	browser := browse(t)
	err := chromedp.Run(browser,
		chromedp.Navigate(pages+"/"),
		chromedp.WaitVisible(".phone .empty"),
		chromedp.SetValue("#to", "half typed"),
	)
	if err != nil {
		t.Fatal(err)
	}

	const attack = `<script>document.title="pwned"</script><img src=x onerror='document.title="pwned"'>`
	sendText(t, pages, "1", "Код 482913 "+attack)
	sendLetter(t, smtp, attack, "Код 7731 "+attack, "<p id=letter>Письмо</p>"+attack)
	var title, typed, spoken, code string
	err = chromedp.Run(browser,
		chromedp.WaitVisible(".text code"),
		chromedp.WaitVisible(".letter .codes code"),
		chromedp.Text(".text code", &code),
		chromedp.Value("#to", &typed),
		chromedp.Text("#spoken", &spoken, chromedp.NodeReady),
		chromedp.Click(".letter .subject a"),
		chromedp.WaitVisible("iframe.preview"),
		chromedp.Title(&title),
	)
	if err != nil {
		t.Fatal(err)
	}
	if code != "482913" {
		t.Errorf("code on the phone %q", code)
	}
	if typed != "half typed" {
		t.Errorf("what was typed became %q", typed)
	}
	if spoken == "" {
		t.Error("the arrival was not announced")
	}
	if title == "pwned" {
		t.Error("the page ran the letter")
	}

	// The preview in a tab of its own, where only its policy protects.
	var letter string
	err = chromedp.Run(browser,
		chromedp.Navigate(pages+"/messages/"+newestLetter(t, pages)+"/html"),
		chromedp.Text("#letter", &letter),
		chromedp.Title(&title),
	)
	if err != nil {
		t.Fatal(err)
	}
	if letter != "Письмо" || title == "pwned" {
		t.Errorf("preview shows %q under the title %q", letter, title)
	}
}

func newestLetter(t *testing.T, pages string) string {
	t.Helper()
	response, err := http.Get(pages + "/api/messages?kind=mail&limit=1")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var messages []struct{ ID string }
	if err := json.NewDecoder(response.Body).Decode(&messages); err != nil {
		t.Fatal(err)
	}
	if len(messages) != 1 {
		t.Fatalf("%d letters", len(messages))
	}
	return messages[0].ID
}
