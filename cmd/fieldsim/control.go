package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/vendgate/vendgate/fixtures/field"
)

// maxOrder bounds what is read of a request.
const maxOrder = 4096

// order is what a control command asks for; each uses what it needs.
type order struct {
	Reader       int         `json:"reader"`
	Card         int         `json:"card"`
	Meter        string      `json:"meter"` // "" is the first
	Litres       int64       `json:"litres"`
	Days         int         `json:"days"`
	LitresPerDay int64       `json:"litres_per_day"`
	Fault        field.Fault `json:"fault"`
}

// report answers an order: what it did, and the field after it.
type report struct {
	Error string       `json:"error,omitempty"`
	Burnt int64        `json:"burnt"` // litres
	Field field.Status `json:"field"`
}

// control serves orders over a Unix socket that only its owner can use.
type control struct {
	server *http.Server
	ended  chan struct{}
}

// listen serves orders for f at path, and takes the place of a socket that a
// killed field has left there: the caller holds the directory's lock.
func listen(path string, f *field.Field) (*control, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	c := &control{&http.Server{Handler: orders(f), ReadHeaderTimeout: 5 * time.Second}, make(chan struct{})}
	go func() {
		defer close(c.ended)
		_ = c.server.Serve(l) // ends with Close
	}()
	return c, nil
}

// Close ends it and removes the socket.
func (c *control) Close() error {
	err := c.server.Close()
	<-c.ended
	return err
}

// deed carries out an order and gives the litres that flowed.
type deed func(context.Context, order) (int64, error)

// orders are the field's deeds by their names: the command's words.
func orders(f *field.Field) http.Handler {
	mux := http.NewServeMux()
	for name, do := range map[string]deed{
		"status": func(context.Context, order) (int64, error) { return 0, nil },
		"card/insert": func(ctx context.Context, o order) (int64, error) {
			return 0, f.Insert(ctx, o.Reader, o.Card)
		},
		"card/pull":     func(ctx context.Context, o order) (int64, error) { return 0, f.Pull(ctx, o.Reader) },
		"card/swap":     func(_ context.Context, o order) (int64, error) { return 0, f.Swap(o.Reader, o.Card) },
		"card/to-meter": func(ctx context.Context, o order) (int64, error) { return 0, f.ToMeter(ctx, o.Reader, o.Meter) },
		"card/fault":    func(_ context.Context, o order) (int64, error) { return 0, f.Inject(o.Reader, o.Fault) },
		"meter/burn":    func(_ context.Context, o order) (int64, error) { return f.Burn(o.Meter, o.Litres) },
		"meter/days":    func(_ context.Context, o order) (int64, error) { return f.Days(o.Meter, o.Days, o.LitresPerDay) },
	} {
		mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, r *http.Request) { carryOut(w, r, f, do) })
	}
	return mux
}

func carryOut(w http.ResponseWriter, r *http.Request, f *field.Field, do deed) {
	var o order
	var did report
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder)).Decode(&o)
	if err == nil {
		did.Burnt, err = do(r.Context(), o)
	}
	did.Field = f.Status()
	if err != nil {
		did.Error = err.Error()
		w.WriteHeader(http.StatusConflict)
	}
	_ = json.NewEncoder(w).Encode(did) // who has gone away reads nothing
}
