package terminal

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"github.com/vendgate/vendgate/vending"
)

// Codes are tried at most that often by all who try: one that is guessed at lives too
// short for that.
const (
	tryEvery = 10 * time.Second
	tryBurst = 6
)

// maxEnrol is the most bytes of a request to be let in, and of its answer.
const maxEnrol = 16 << 10

// longestHost is how much of what a PC calls itself is kept.
const longestHost = 64

// request is what a PC sends to be let in.
type request struct {
	Secret []byte `json:"secret"`
	CSR    []byte `json:"csr"`
	Host   string `json:"host"`
}

// admission is what it is given.
type admission struct {
	ID          uuid.UUID         `json:"id"`
	Till        string            `json:"till"`
	Certificate []byte            `json:"certificate"`
	Scripts     ed25519.PublicKey `json:"scripts"`
}

// Enrolment lets PCs in. It is safe for concurrent use.
type Enrolment struct {
	authority *Authority
	register  Register
	now       func() time.Time
	log       *slog.Logger
	tries     *rate.Limiter
}

// NewEnrolment lets PCs into a register.
func NewEnrolment(a *Authority, r Register, now func() time.Time, log *slog.Logger) *Enrolment {
	return &Enrolment{a, r, now, log, rate.NewLimiter(rate.Every(tryEvery), tryBurst)}
}

// ServeHTTP answers one PC that wants to be let in.
func (e *Enrolment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got, err := e.admit(r)
	if err != nil {
		e.log.WarnContext(r.Context(), "terminal not enrolled", "from", r.RemoteAddr, "error", err)
		refuse(w, err)
		return
	}
	e.log.InfoContext(r.Context(), "terminal enrolled", "from", r.RemoteAddr, "till", got.Till, "id", got.ID)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(got) // a PC that did not get it is told that its code is used
}

func (e *Enrolment) admit(r *http.Request) (got admission, err error) {
	if !e.tries.AllowN(e.now(), 1) {
		return got, vending.ErrCodeTries.With("Seconds", int(tryEvery/time.Second))
	}
	var asked request
	b, err := io.ReadAll(io.LimitReader(r.Body, maxEnrol+1))
	if err != nil || len(b) > maxEnrol || json.Unmarshal(b, &asked) != nil || len(asked.Secret) != secretSize {
		return got, vending.ErrFrame.With("Reason", "a request to be enrolled")
	}
	public, err := publicOf(asked.CSR)
	if err != nil {
		return got, err
	}
	now := e.now()
	t := vending.Terminal{ID: uuid.New(), Host: hostName(asked.Host), Key: keyHash(public), Enrolled: now}
	certificate, err := e.authority.terminal(t.ID, public, now) // before it is written down: nothing half done
	if err != nil {
		return got, err
	}
	if t, err = e.register.EnrolTerminal(r.Context(), sha256.Sum256(asked.Secret), t, now); err != nil {
		return got, err
	}
	return admission{t.ID, t.Till, certificate, e.authority.Scripts.Public().(ed25519.PublicKey)}, nil
}

// publicOf checks that who asks for a certificate holds its key.
func publicOf(csr []byte) (ed25519.PublicKey, error) {
	asked, err := x509.ParseCertificateRequest(csr)
	if err == nil {
		err = asked.CheckSignature()
	}
	if err != nil {
		return nil, vending.ErrFrame.With("Reason", "a certificate request")
	}
	public, ok := asked.PublicKey.(ed25519.PublicKey)
	if !ok {
		return nil, vending.ErrFrame.With("Reason", "a certificate request with another kind of key")
	}
	return public, nil
}

// keyHash is what a certificate's key is compared by.
func keyHash(public ed25519.PublicKey) [32]byte {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err) // of no kind of key that publicOf lets through
	}
	return sha256.Sum256(der)
}

// hostName keeps of a PC's name what can be shown.
func hostName(s string) string {
	shown := bytes.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '?'
		}
		return r
	}, []byte(s))
	return string(shown[:min(len(shown), longestHost)])
}

// Enrol makes this PC the terminal that a code is for: its key is made here and stays
// here. service is the URL of DialURL. It fails with vending.ErrServiceUnknown before the
// code has left this PC, with ErrServiceAway, ErrClockWrong, or as the service says.
func Enrol(ctx context.Context, service, code, host string) (Identity, error) {
	c, err := parseCode(code)
	if err != nil {
		return Identity{}, err
	}
	address, err := address(service, "https", "/enrol")
	if err != nil {
		return Identity{}, err
	}
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Identity{}, err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return Identity{}, err
	}
	var authority []byte
	client := pinned(func(der []byte) bool {
		authority = der
		return c.of(sha256.Sum256(der))
	})
	defer client.CloseIdleConnections()
	got, err := ask(ctx, client, address, request{c.secret(), csr, host})
	if err != nil {
		return Identity{}, err
	}
	id := Identity{Service: service, ID: got.ID, Till: got.Till, Key: key.Seed(), Certificate: got.Certificate,
		Authority: authority, Scripts: got.Scripts}
	return id, id.fits(public)
}

// ask sends the request.
func ask(ctx context.Context, client *http.Client, address string, asked request) (got admission, err error) {
	b, err := json.Marshal(asked)
	if err != nil {
		return got, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(b))
	if err != nil {
		return got, err
	}
	response, err := client.Do(r)
	if err != nil {
		return got, dialError(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return got, refusalFrom(response)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxEnrol)).Decode(&got); err != nil {
		return got, vending.ErrServiceAway.With("Reason", "it broke off its answer")
	}
	return got, nil
}
