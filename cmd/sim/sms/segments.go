package sms

import "unicode/utf16"

// The GSM 7-bit default alphabet and its extension, whose characters take two
// places (3GPP TS 23.038, 6.2.1).
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

var gsmPlaces = func() map[rune]int {
	places := map[rune]int{}
	for _, r := range gsmBasic {
		places[r] = 1
	}
	for _, r := range gsmExtended {
		places[r] = 2
	}
	return places
}()

// segments is how many messages of the radio network a text takes: 140 bytes
// each, six of which join them when there are several. No character is torn in
// two between segments.
func segments(text string) int {
	places := make([]int, 0, len(text))
	for _, r := range text {
		width, known := gsmPlaces[r]
		if !known {
			return fill(wide(text), 70, 67)
		}
		places = append(places, width)
	}
	return fill(places, 160, 153)
}

// wide is the width of each character in UCS-2: two places beyond the basic
// plane.
func wide(text string) []int {
	var places []int
	for _, r := range text {
		places = append(places, max(1, utf16.RuneLen(r)))
	}
	return places
}

func fill(places []int, alone, joined int) int {
	total := 0
	for _, width := range places {
		total += width
	}
	if total <= alone {
		return 1
	}
	count, used := 1, 0
	for _, width := range places {
		if used+width > joined {
			count, used = count+1, 0
		}
		used += width
	}
	return count
}
