package handlers

import (
	"crypto/rand"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"veche/domain/event"
	"veche/static"
)

// traceLength of base32 letters is 80 bits: nobody guesses another's, and a person
// can still read it out to support.
const traceLength = 16

// trace gives the request its id. It stands in every log line the request leads to,
// also in those of jobs and of other processes, in the answer's X-Request-ID and on
// the page of an error. A visitor does not choose it; a trusted proxy may.
func (s *Server) trace(c *fiber.Ctx) error {
	id := ""
	if s.o.TrustProxy {
		id = c.Get(fiber.HeaderXRequestID)
	}
	if !event.ValidTrace(id) {
		id = strings.ToLower(rand.Text()[:traceLength])
	}
	c.SetUserContext(event.WithTrace(c.UserContext(), id))
	c.Set(fiber.HeaderXRequestID, id)
	return c.Next()
}

func traceOf(c *fiber.Ctx) string { return event.Trace(c.UserContext()) }

const routeKey = "veche.route"

// routeOf is the pattern of the route that took the request, as in its table, and
// never the address: what people look for and whose page it is stays out of logs and
// metrics. It is "none" for what no route took.
func routeOf(c *fiber.Ctx) string {
	if route, ok := c.Locals(routeKey).(string); ok {
		return route
	}
	if strings.HasPrefix(c.Path(), static.Prefix) {
		return static.Prefix
	}
	return "none"
}

func requestSeconds(metrics prometheus.Registerer) *prometheus.HistogramVec {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "veche_http_request_seconds",
		Help:    "Time to answer a request, by method, route and class of status.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 2.5, 11),
	}, []string{"method", "route", "status"})
	metrics.MustRegister(seconds)
	return seconds
}

// observe measures the request and logs one line of it.
func (s *Server) observe(c *fiber.Ctx) error {
	began := time.Now()
	err := c.Next()
	if err != nil {
		// The error page is written here so that its status can be logged.
		if failed := c.App().ErrorHandler(c, err); failed != nil {
			return failed
		}
	}
	took, route, status := time.Since(began), routeOf(c), c.Response().StatusCode()
	s.seconds.WithLabelValues(c.Method(), route, strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
	s.o.Log.LogAttrs(c.UserContext(), slog.LevelDebug, "request",
		slog.String("trace", traceOf(c)),
		slog.String("method", c.Method()),
		slog.String("route", route),
		slog.Int("status", status),
		slog.Duration("took", took.Round(time.Microsecond)),
	)
	return nil
}
