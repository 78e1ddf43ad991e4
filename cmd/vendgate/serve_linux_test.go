package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/google/uuid"
	"github.com/rogpeppe/go-internal/testscript"
)

// service is a vendgate serve in the background.
type service struct {
	cmd  *exec.Cmd
	url  string
	out  *bufio.Reader
	errs bytes.Buffer // read it after the end
}

func (s *service) kill() {
	_ = s.cmd.Process.Kill() // fails only when it has ended
	_ = s.cmd.Wait()
}

// cmdServe starts a service on a free port and returns when it says its address.
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	s := of(ts)
	if neg || s.serve != nil {
		ts.Fatalf("usage: serve [ARGS...], once at a time")
	}
	cmd := exec.Command("vendgate", append([]string{"serve", "--listen", "127.0.0.1:0", "--card-reader", s.seat.name}, args...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = os.Environ()
	for _, name := range []string{"DATABASE_URL", "DATA_DIR", "PCSCLITE_CSOCK_NAME", "SOFTHSM2_CONF"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	svc := &service{cmd: cmd}
	cmd.Stderr = &svc.errs
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	s.serve = svc
	svc.out = bufio.NewReader(out)
	line, err := svc.out.ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "vendgate serves ")
	if err != nil || !ok {
		svc.kill()
		ts.Fatalf("serve said %q, %v: %s", line, err, &svc.errs)
	}
	svc.url = url
}

// cmdGet fetches a page: get CODE PATH [NAME=VALUE]; the value is an Accept-Language or Host.
func cmdGet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: get CODE PATH [HEADER=VALUE]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	request, err := http.NewRequestWithContext(of(ts).t.Context(), http.MethodGet, of(ts).serve.url+strings.TrimPrefix(args[1], "/"), nil)
	ts.Check(err)
	for _, header := range args[2:] {
		name, value, _ := strings.Cut(header, "=")
		request.Header.Set(name, value)
		if name == "Host" {
			request.Host = value
		}
	}
	of(ts).page(ts, request, want)
}

// cmdPost sends a form with a new id, in English: post CODE PATH [FIELD=VALUE]; the page is
// the one that it leads to.
func cmdPost(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: post CODE PATH [FIELD=VALUE]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	form := url.Values{"id": {uuid.NewString()}}
	for _, field := range args[2:] {
		name, value, _ := strings.Cut(field, "=")
		form.Set(name, value)
	}
	request, err := http.NewRequestWithContext(of(ts).t.Context(), http.MethodPost, of(ts).serve.url+strings.TrimPrefix(args[1], "/"),
		strings.NewReader(form.Encode()))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept-Language", "en")
	of(ts).page(ts, request, want)
}

// page asks the service, and prints what it says.
func (s *site) page(ts *testscript.TestScript, request *http.Request, want int) {
	response, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	fmt.Fprint(io.MultiWriter(ts.Stdout(), &s.said), string(body))
	if response.StatusCode != want {
		ts.Fatalf("status %s, want %d", response.Status, want)
	}
}

// cmdEnd asks the service to end, which it must do well. stderr is then its log.
func cmdEnd(ts *testscript.TestScript, neg bool, args []string) {
	s := of(ts)
	if neg || len(args) > 0 || s.serve == nil {
		ts.Fatalf("usage: end, while a service runs")
	}
	ts.Check(s.serve.cmd.Process.Signal(syscall.SIGTERM))
	err := s.serve.cmd.Wait()
	fmt.Fprint(io.MultiWriter(ts.Stderr(), &s.said), s.serve.errs.String())
	s.serve = nil
	ts.Check(err)
}
