package terminal

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/coder/websocket"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
)

// Shell lends the readers of counter PCs to commands on the service's own machine. What such a command sends is a
// terminal's frames again, and goes the same way: this end is their agent, the PC's reader is its reader. Who may open the data
// directory may use it, as he may use the database and the authority that lie there.
type Shell struct {
	// Reader finds the reader of a till, or fails with vending.ErrNoTerminal.
	Reader  func(ctx context.Context, till string) (cardio.Reader, error)
	Scripts ed25519.PublicKey // of the service
	Log     *slog.Logger
}

// shellSocket is where the service listens for the commands of its own machine: in a directory that only its user may
// enter.
func shellSocket(dataDir string) string { return filepath.Join(dataDir, "shell", "readers.sock") }

// ListenShell takes commands of this machine that share the data directory. A service that is there already keeps them:
// vending.ErrTerminalBusy.
func ListenShell(dataDir string) (net.Listener, error) {
	path := shellSocket(dataDir)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if there, err := net.Dial("unix", path); err == nil {
		return nil, errors.Join(vending.ErrTerminalBusy, there.Close())
	}
	_ = os.Remove(path) // of a service that was killed
	return net.Listen("unix", path)
}

// ServeHTTP lends the reader of the till that is named, for as long as the line is there.
func (s *Shell) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reader, err := s.Reader(r.Context(), r.URL.Query().Get("till"))
	if err != nil {
		refuse(w, err)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocol}})
	if err != nil {
		return // Accept has answered
	}
	conn.SetReadLimit(maxFrame)
	agent := &Agent{Reader: reader, Scripts: s.Scripts, MayIssue: true, Log: s.Log}
	defer agent.Stop()
	hangUp(conn, s.attend(r.Context(), conn, agent))
}

// attend does what comes over one line until it ends.
func (s *Shell) attend(ctx context.Context, conn *websocket.Conn, agent *Agent) error {
	for {
		b, err := read(ctx, conn)
		if err != nil {
			return err
		}
		f, err := DecodeFrame(b)
		if err != nil {
			return err
		}
		if answer, reply := agent.Do(ctx, f); reply {
			if err := write(ctx, conn, answer.Encode()); err != nil {
				return err
			}
		}
	}
}

// ShellReader is the reader of a till's counter PC, by way of the service that runs on this machine with that data
// directory.
func ShellReader(dataDir, till string, scripts ed25519.PrivateKey) cardio.Reader {
	return shellReader{shellSocket(dataDir), till, scripts}
}

type shellReader struct {
	socket, till string
	scripts      ed25519.PrivateKey
}

// Name is how people find it.
func (r shellReader) Name() string { return "till:" + r.till }

// Connect powers up the card at the counter PC. It fails as a reader does, with vending.ErrNoShell where no service
// runs here that takes terminals, and with vending.ErrNoTerminal.
func (r shellReader) Connect(ctx context.Context) (cardio.Link, error) {
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", r.socket)
	}}}
	options := &websocket.DialOptions{HTTPClient: client, Subprotocols: []string{protocol}}
	conn, response, err := websocket.Dial(ctx, "http://shell/?till="+url.QueryEscape(r.till), options)
	if err != nil {
		if response != nil {
			return nil, refusalFrom(response)
		}
		return nil, vending.ErrNoShell
	}
	conn.SetReadLimit(maxFrame)
	l, err := connect(shellLine{conn}, r.scripts)
	if err != nil {
		_ = conn.CloseNow() // nothing was begun on it
		return nil, err
	}
	return l, nil
}

// shellLine takes a command's frames to the service.
type shellLine struct{ conn *websocket.Conn }

// exchange waits longer than the service does for the PC: whatever it has to say is heard.
func (s shellLine) exchange(f Frame, limit time.Duration) (a Answer, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*limit)
	defer cancel()
	if err := write(ctx, s.conn, f.Encode()); err != nil {
		return a, errors.Join(cardio.ErrLinkDead, err)
	}
	b, err := read(ctx, s.conn)
	if err == nil {
		a, err = decode[Answer](b)
	}
	if err != nil {
		return a, errors.Join(cardio.ErrLinkDead, err)
	}
	return a, nil
}

func (s shellLine) release(f Frame) {
	_ = write(context.Background(), s.conn, f.Encode()) // the service lets go when the line ends
	_ = s.conn.Close(websocket.StatusNormalClosure, "")
}
