package main

import (
	"context"
	"io"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// newLogger returns a logger that writes JSON lines with a level and a time, by
// which Lambda filters them. level is the function's ApplicationLogLevel: trace,
// debug, info, warn, error or fatal, in upper or lower case. Any other text is info.
// Lambda sets none with the log format text.
func newLogger(w io.Writer, level string) *slog.Logger {
	var l slog.Level
	switch strings.ToUpper(level) {
	case "TRACE":
		l = slog.LevelDebug
	case "FATAL":
		l = slog.LevelError + 4 // above all that is logged
	default:
		if err := l.UnmarshalText([]byte(level)); err != nil {
			l = slog.LevelInfo
		}
	}
	return slog.New(withRequestID{slog.NewJSONHandler(w, &slog.HandlerOptions{
		Level:       l,
		ReplaceAttr: lambdacontext.ReplaceAttr,
	})})
}

// withRequestID adds the id of the invocation to what is logged during it.
type withRequestID struct{ slog.Handler }

// Handle implements [slog.Handler].
func (h withRequestID) Handle(ctx context.Context, r slog.Record) error {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("requestId", lc.AwsRequestID))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (h withRequestID) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withRequestID{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (h withRequestID) WithGroup(name string) slog.Handler {
	return withRequestID{h.Handler.WithGroup(name)}
}
