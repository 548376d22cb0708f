package load

import "time"

// Frame takes the first frame of what a server sent.
func Frame(data []byte) (opcode byte, payload, rest []byte, whole bool, err error) {
	f, rest, whole, err := nextFrame(data)
	return f.opcode, f.payload, rest, whole, err
}

// ClientFrame is a text frame of a page.
func ClientFrame(payload []byte) []byte { return appendFrame(nil, opText, payload) }

// Quantile is that of many delays.
func Quantile(delay []time.Duration, q float64) time.Duration {
	var d delays
	for _, one := range delay {
		d.add(one)
	}
	return d.quantile(q)
}
