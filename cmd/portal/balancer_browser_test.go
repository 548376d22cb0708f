package main

import (
	"testing"

	"veche/db/given"
)

// Whoever is served by whichever process: a vote taken by one is seen on pages that
// hear of it from another, and on pages that come from one and hear from the other.
func TestVoteReachesPagesOfAnotherProcessInBrowser(t *testing.T) {
	t.Parallel()
	f, b := startBalanced(t, 2)
	one, two := b.processes[0], b.processes[1]
	poll := given.OpenPoll(t, f.DB)
	_, annas := given.Person(t, f.DB)
	_, boriss := given.Person(t, f.DB)
	browser := chromium(t)
	anna := b.visitor(t, browser, "anna", annas, one)
	boris := b.visitor(t, browser, "boris", boriss)
	reader := b.visitor(t, browser, "reader", "", two)
	for _, v := range []*tab{anna, boris, reader} {
		v.open(pagePath(poll))
	}
	if b.by(one) != (served{pages: 2, sockets: 1}) || b.by(two) != (served{pages: 1, sockets: 2}) {
		t.Errorf("the processes served %+v and %+v", b.by(one), b.by(two))
	}
	anna.cast(poll, 2)
	for _, v := range []*tab{anna, boris, reader} {
		v.awaitText(".poll-sum", "Проголосовал 1 человек")
	}
	boris.cast(poll, 0)
	boris.awaitText(".poll-ballot", "Ваш голос принят")
	for _, v := range []*tab{anna, boris, reader} {
		v.awaitText(".poll-sum", "Проголосовали 2 человека")
		v.neverReloaded()
	}
	reader.shot("balancer-poll")
	b.expectAllServed(t)
}

func TestOwnVoteShowsInAWindowOfAnotherProcessInBrowser(t *testing.T) {
	t.Parallel()
	f, b := startBalanced(t, 2)
	poll := given.OpenPoll(t, f.DB)
	_, token := given.Person(t, f.DB)
	browser := chromium(t)
	first := b.visitor(t, browser, "at home", token, b.processes[0])
	second := b.visitor(t, browser, "at work", token, b.processes[1])
	first.open(pagePath(poll))
	second.open(pagePath(poll))
	first.cast(poll, 1)
	second.awaitText(".poll-ballot", "Вариант 2")
	second.awaitJS(`!document.querySelector('.poll-form').checkVisibility()`)
	second.neverReloaded()
	b.expectAllServed(t)
}

// Pages of a session that was ended elsewhere are loaded anew, as a guest's.
func TestSignOutEverywhereIsSeenInWindowsOfEveryProcessInBrowser(t *testing.T) {
	t.Parallel()
	f, b := startBalanced(t, 2)
	poll := given.OpenPoll(t, f.DB)
	who, token := given.Person(t, f.DB)
	another := f.anotherSession(who)
	_, neighbours := given.Person(t, f.DB)
	browser := chromium(t)
	here := b.visitor(t, browser, "here", token)
	windows := []*tab{
		b.visitor(t, browser, "same session", token, b.processes[0]),
		b.visitor(t, browser, "same session, other process", token, b.processes[1]),
		b.visitor(t, browser, "another session", another, b.processes[0]),
		b.visitor(t, browser, "another session, other process", another, b.processes[1]),
	}
	neighbour := b.visitor(t, browser, "neighbour", neighbours)
	for _, v := range append(windows, neighbour) {
		v.open(pagePath(poll))
		v.awaitJS(`document.querySelector('.poll-form input[name="option"]') !== null`)
	}
	here.open("/profile")
	here.click(`button[name="everywhere"]`)
	for _, v := range append(windows, here) {
		v.awaitReload()
		v.awaitJS(`document.querySelector('a[href^="/sign-in"]') !== null`)
		v.awaitJS(`document.querySelector('.poll-form input[name="option"]') === null`)
	}
	neighbour.cast(poll, 0)
	neighbour.awaitText(".poll-ballot", "Ваш голос принят")
	neighbour.neverReloaded()
	for _, v := range windows {
		v.awaitText(".poll-sum", "Проголосовал 1 человек") // a guest's page is live
	}
	b.expectAllServed(t)
}

// The pages of a killed process go over to the other one by themselves.
func TestKilledProcessIsNotMissedInBrowser(t *testing.T) {
	t.Parallel()
	f, b := startBalanced(t, 2)
	doomed, other := b.processes[0], b.processes[1]
	poll := given.OpenPoll(t, f.DB)
	_, annas := given.Person(t, f.DB)
	_, boriss := given.Person(t, f.DB)
	browser := chromium(t)
	anna := b.visitor(t, browser, "anna", annas, doomed)
	boris := b.visitor(t, browser, "boris", boriss, other)
	anna.open(pagePath(poll))
	boris.open(pagePath(poll))
	guest := f.open("", pagePath(poll), b.front())
	b.expectAllServed(t)

	doomed.Kill()
	boris.cast(poll, 0) // anna's page hears of it when it is back
	anna.awaitText(".poll-sum", "Проголосовал 1 человек")
	anna.cast(poll, 1)
	anna.awaitText(".poll-ballot", "Ваш голос принят")
	boris.awaitText(".poll-sum", "Проголосовали 2 человека")
	guest.awaitText(tallyOf(poll), "Проголосовали 2 человека")
	anna.neverReloaded()
	boris.neverReloaded()
}
