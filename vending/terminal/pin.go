package terminal

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/vendgate/vendgate/vending"
)

// dialTime bounds one attempt to reach the service.
const dialTime = 10 * time.Second

// pin is TLS to the one service whose authority is trusted, by its certificate as it
// comes in the handshake. The service's own certificate has to be of that authority, for
// services, and good now.
func pin(trusted func(authority []byte) bool) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS13,
		NextProtos:         []string{"http/1.1"},
		ServerName:         serverName,
		InsecureSkipVerify: true, // the system's authorities have no say: VerifyConnection checks
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) != 2 || !trusted(s.PeerCertificates[1].Raw) {
				return vending.ErrServiceUnknown
			}
			roots := x509.NewCertPool()
			roots.AddCert(s.PeerCertificates[1])
			_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, DNSName: serverName,
				KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
			var invalid x509.CertificateInvalidError
			switch {
			case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
				return vending.ErrClockWrong.With("Now", time.Now().Format(time.DateTime))
			case err != nil:
				return vending.ErrServiceUnknown
			}
			return nil
		},
	}
}

// pinned is a client of that service.
func pinned(trusted func([]byte) bool) *http.Client { return clientOf(pin(trusted)) }

func clientOf(config *tls.Config) *http.Client {
	return &http.Client{Timeout: dialTime, Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: false,
		DialContext: (&net.Dialer{Timeout: dialTime}).DialContext}}
}

// dialError says why a service was not reached. What TLS found is in it already.
func dialError(err error) error {
	var known *vending.Error
	if errors.As(err, &known) {
		return known
	}
	var op *net.OpError
	reason := "no answer"
	if errors.As(err, &op) {
		reason = op.Err.Error()
	}
	return vending.ErrServiceAway.With("Reason", reason)
}

// address is a path at a service that is named as wss://HOST:PORT, or else
// vending.ErrServiceAddress.
func address(service, scheme, path string) (string, error) {
	u, err := url.Parse(service)
	if err != nil || u.Scheme != "wss" || u.Hostname() == "" || u.Port() == "" || u.Path != "" && u.Path != "/" ||
		u.RawQuery != "" || u.User != nil {
		return "", vending.ErrServiceAddress.With("Service", service)
	}
	return scheme + "://" + u.Host + path, nil
}
