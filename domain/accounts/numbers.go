package accounts

import "regexp"

const (
	snilsDigits = 11
	innDigits   = 12 // of a person; organisations have ten
)

// snilsShape is how the insurance number stands on its paper: 112-233-445 95.
var snilsShape = regexp.MustCompile(`^\d{3}\p{Pd}\d{3}\p{Pd}\d{3}[\s\p{Z}\p{Pd}]\d{2}$`)

// validSNILS compares the last two digits with the checksum of the nine before them
// (the Pension Fund's rule: weights from nine to one, modulo 101). Only a few numbers that
// were given out in the nineties had none; they cannot be used here.
func validSNILS(digits string) bool {
	if len(digits) != snilsDigits || digits[:9] == "000000000" {
		return false
	}
	sum := weighed(digits, []int{9, 8, 7, 6, 5, 4, 3, 2, 1}) % 101 % 100
	return sum == int(digits[9]-'0')*10+int(digits[10]-'0')
}

// validINN compares the last two digits with the checksums of those before them
// (the tax service's order of the number of a person: two check digits, modulo 11).
func validINN(digits string) bool {
	if len(digits) != innDigits || digits[:2] == "00" {
		return false
	}
	first := weighed(digits, []int{7, 2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10
	second := weighed(digits, []int{3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10
	return first == int(digits[10]-'0') && second == int(digits[11]-'0')
}

// weighed is the sum of the first digits, each times its weight.
func weighed(digits string, weights []int) (sum int) {
	for i, weight := range weights {
		sum += int(digits[i]-'0') * weight
	}
	return sum
}

// ParseSNILS reads the number of social insurance, however it is written, into bare
// digits whose checksum is right. It fails with ErrNoSNILS.
func ParseSNILS(typed string) (string, error) {
	text, err := clean(typed)
	if err != nil {
		return "", ErrNoSNILS
	}
	digits, clear := digitsOf(text)
	if !clear || !validSNILS(digits) {
		return "", ErrNoSNILS
	}
	return digits, nil
}
