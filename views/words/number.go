package words

import (
	"context"
	"math"
	"strconv"
	"strings"
)

// noBreak keeps a number together with its thousands, its sign and its unit.
const noBreak = "\u00a0"

// Number writes a whole number: «12 345», "12,345" in English.
func Number[Int ~int | ~int32 | ~int64](ctx context.Context, n Int) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	separator := noBreak
	if Of(ctx) == English {
		separator = ","
	}
	return sign + grouped(digits, separator)
}

func grouped(digits, separator string) string {
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(digit)
	}
	return b.String()
}

// Percent writes a share, where 1 is the whole, with at most one decimal:
// «12,5 %», "12.5%" in English.
func Percent(ctx context.Context, share float64) string {
	if math.IsNaN(share) || math.IsInf(share, 0) {
		share = 0
	}
	number := strconv.FormatFloat(math.Round(share*1000)/10, 'f', 1, 64)
	number = strings.TrimSuffix(number, ".0")
	if number == "-0" {
		number = "0"
	}
	number = strings.Replace(number, "-", "−", 1)
	if Of(ctx) == English {
		return number + "%"
	}
	return strings.Replace(number, ".", ",", 1) + noBreak + "%"
}
