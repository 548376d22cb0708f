package sms

import (
	"errors"
	"testing"
	"time"
)

// A name may be answered with any address, so what counts is the address at the
// moment of the call.
func TestConnectionsLeaveLoopbackOnlyForConfiguredHosts(t *testing.T) {
	c := newCourier(Config{CallbackHosts: []string{"configured.test"}}, time.Now)
	for _, address := range []string{"192.0.2.1:80", "169.254.169.254:80", "0.0.0.0:80", "[::ffff:192.0.2.1]:80", "[2001:db8::1]:80"} {
		if _, err := c.dial(t.Context(), "tcp", address); !errors.Is(err, errNotLoopback) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := c.check("http://Configured.test:9000/hook"); err != nil {
		t.Errorf("configured host: %v", err)
	}
	for _, callback := range []string{"http://localhost:1/x", "https://127.1.2.3/x", "http://[::1]:8080/"} {
		if err := c.check(callback); err != nil {
			t.Errorf("%s: %v", callback, err)
		}
	}
	for _, callback := range []string{"http://localhost.evil.test/", "http://2130706433/", "http://[::]/", "http://configured.test.evil.test/"} {
		if err := c.check(callback); !errors.Is(err, errCallbackAddress) {
			t.Errorf("%s: %v", callback, err)
		}
	}
}
