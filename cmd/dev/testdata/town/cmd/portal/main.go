// Command portal stands in for the portal where only its life and death matter. It
// shows its environment, and dies when told to.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	step := os.Args[1]
	if os.Getenv("FAIL") == step {
		fmt.Println("no luck with " + step)
		os.Exit(3)
	}
	fmt.Println("done: " + step)
	if step != "serve" {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	ready := time.Now().Add(100 * time.Millisecond)
	http.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		if time.Now().Before(ready) {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	http.HandleFunc("/env", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, os.Getenv(r.URL.RawQuery))
	})
	http.HandleFunc("/die", func(http.ResponseWriter, *http.Request) {
		fmt.Print("the last line")
		os.Exit(7)
	})
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT")}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("portal says goodbye")
}
