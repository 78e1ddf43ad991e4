package web

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
)

// Terminals is what the page of terminals needs. It is nil where the service takes
// none.
type Terminals interface {
	// List is every terminal, and whether it is connected.
	List(context.Context) ([]Terminal, error)
	// LetIn makes a code with which one PC becomes the terminal of a till.
	LetIn(ctx context.Context, till string) (code string, until time.Time, err error)
	Revoke(ctx context.Context, id uuid.UUID) error
}

// Terminal is a line of the page.
type Terminal struct {
	vending.Terminal
	Online bool
}

// Day is when it was enrolled, for people.
func (t Terminal) Day() string { return t.Enrolled.Local().Format(time.DateOnly) }

// atTerminals is the page of terminals, with a code that was just made.
type atTerminals struct {
	Terminals   []Terminal
	Code, Until string
	Till        string // of the code
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	s.renderTerminals(w, r, atTerminals{}, nil)
}

// renderTerminals shows who is there, and why the last request was refused.
func (s *Server) renderTerminals(w http.ResponseWriter, r *http.Request, data atTerminals, refused error) {
	var err error = vending.ErrTerminalsOff
	if s.terminals != nil {
		data.Terminals, err = s.terminals.List(r.Context())
	}
	if refused != nil {
		err = refused
	}
	s.render(w, r, "terminals.html", data, err)
}

// letIn shows a code. The page is not kept anywhere, and loading it again asks for
// another one.
func (s *Server) letIn(w http.ResponseWriter, r *http.Request) {
	data := atTerminals{Till: r.PostFormValue("till")}
	if s.terminals == nil {
		s.renderTerminals(w, r, data, nil)
		return
	}
	code, until, err := s.terminals.LetIn(r.Context(), data.Till)
	if err == nil {
		data.Code, data.Until = code, until.Local().Format(time.TimeOnly)
	}
	s.renderTerminals(w, r, data, err)
}

func (s *Server) revoke(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PostFormValue("id"))
	if err != nil {
		err = vending.ErrNoTerminal.With("Which", r.PostFormValue("id"))
	}
	if err == nil && s.terminals != nil {
		err = s.terminals.Revoke(r.Context(), id)
	}
	if err != nil {
		s.renderTerminals(w, r, atTerminals{}, err)
		return
	}
	http.Redirect(w, r, "/terminals", http.StatusSeeOther)
}
