package web

import (
	"embed"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"slices"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/words"
)

//go:embed pages/*.html
var pages embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"yuan":   vending.FormatYuan,
	"amount": vending.FormatAmount,

	"thousandths": vending.FormatThousandths,

	"denominations": func() []int64 { return vending.Denominations },
}).ParseFS(pages, "pages/*.html"))

// Server answers the counters' pages, one counter a till.
type Server struct {
	stations  Stations
	terminals Terminals
	hosts     []string
	log       *slog.Logger
}

// Handler returns the pages. hosts are the names, besides those of the loopback
// interface, under which people reach the service.
func Handler(stations Stations, terminals Terminals, log *slog.Logger, hosts ...string) http.Handler {
	s := &Server{stations, terminals, append(hosts, "localhost", "127.0.0.1", "::1"), log}
	mux := http.NewServeMux()
	for _, base := range []string{"", "/till/{till}"} {
		mux.HandleFunc("GET "+base+"/{$}", s.seated(s.counter))
		mux.HandleFunc("POST "+base+"/topup", s.seated(s.topUp))
		mux.HandleFunc("POST "+base+"/resume", s.seated(s.resume))
		mux.HandleFunc("GET "+base+"/purchase/{id}", s.seated(s.purchase))
		mux.HandleFunc("POST "+base+"/shift/open", s.seated(s.openShift))
		mux.HandleFunc("POST "+base+"/shift/close", s.seated(s.closeShift))
		mux.HandleFunc("GET "+base+"/shift/{number}", s.seated(s.shift))
	}
	mux.HandleFunc("GET /terminals", s.list)
	mux.HandleFunc("POST /terminals/code", s.letIn)
	mux.HandleFunc("POST /terminals/revoke", s.revoke)
	return s.known(http.NewCrossOriginProtection().Handler(mux))
}

// known refuses a Host that is not ours.
func (s *Server) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if !slices.Contains(s.hosts, host) {
			http.Error(w, "unknown host: start the service with --host "+host, http.StatusMisdirectedRequest)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// page is what every template gets.
type page struct {
	*words.Words
	Error string
	Base  string // of the links to this till's pages
	Data  any
}

// render writes a page; with an error, its words and its status.
func (s *Server) render(w http.ResponseWriter, r *http.Request, name string, data any, err error) {
	p := page{Words: words.In(r.Header.Get("Accept-Language")), Base: base(r), Data: data}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err != nil {
		p.Error = p.Words.Error(err)
		s.log.WarnContext(r.Context(), "request refused", "path", r.URL.Path, "error", err)
		w.WriteHeader(status(err))
	}
	if err := templates.ExecuteTemplate(w, name, p); err != nil {
		s.log.ErrorContext(r.Context(), "page not rendered", "page", name, "error", err)
	}
}

// status is the HTTP status of an error, by its kind.
func status(err error) int {
	kind, _, _ := words.Explain(err)
	switch kind {
	case vending.Invalid:
		return http.StatusBadRequest
	case vending.NotFound:
		return http.StatusNotFound
	case vending.NotAllowed:
		return http.StatusForbidden
	case vending.Doubtful, vending.Locked:
		return http.StatusConflict
	default:
		return http.StatusServiceUnavailable
	}
}
