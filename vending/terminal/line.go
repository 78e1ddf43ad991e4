package terminal

import (
	"context"
	"errors"
	"time"

	"github.com/coder/websocket"

	"github.com/vendgate/vendgate/vending"
)

// A line that does not answer a ping within pingTime is broken; it is asked every pingEvery.
const (
	pingEvery = 3 * time.Second
	pingTime  = 3 * time.Second
)

// keep pings the line until ctx ends, and ends the line where no answer comes: a cable
// that was pulled says nothing.
func keep(ctx context.Context, conn *websocket.Conn) {
	every := time.NewTicker(pingEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		bounded, cancel := context.WithTimeout(ctx, pingTime)
		err := conn.Ping(bounded)
		cancel()
		if err != nil {
			_ = conn.CloseNow() // it is broken
			return
		}
	}
}

// write sends one message; a peer that takes none for pingTime has a broken line.
func write(ctx context.Context, conn *websocket.Conn, b []byte) error {
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, b)
}

// read waits for one message. One that is no text of ours is vending.ErrFrame, a long
// one vending.ErrFrameTooBig; any other error is a broken line.
func read(ctx context.Context, conn *websocket.Conn) ([]byte, error) {
	kind, b, err := conn.Read(ctx)
	switch {
	case errors.Is(err, websocket.ErrMessageTooBig), websocket.CloseStatus(err) == websocket.StatusMessageTooBig:
		return nil, vending.ErrFrameTooBig.With("Bytes", ">", "Limit", maxFrame)
	case err != nil:
		return nil, err
	case kind != websocket.MessageText:
		return nil, vending.ErrFrame.With("Reason", "binary")
	}
	return b, nil
}

// hangUp ends a line because of what came over it, and says so to the other side.
func hangUp(conn *websocket.Conn, why error) {
	status, reason := websocket.StatusNormalClosure, ""
	var known *vending.Error
	if errors.As(why, &known) {
		status, reason = websocket.StatusPolicyViolation, known.Code
	}
	_ = conn.Close(status, reason) // the line is at its end either way
}
