package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
)

// tell sends an order to the field that runs and returns what became of it.
func (a *app) tell(ctx context.Context, name string, o order) (report, error) {
	dir, err := a.running()
	if err != nil {
		return report{}, err
	}
	return tell(ctx, filepath.Join(dir, controlName), name, o)
}

func tell(ctx context.Context, socket, name string, o order) (report, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return report{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://field/"+name, bytes.NewReader(body))
	if err != nil {
		return report{}, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		}}}
	response, err := client.Do(request)
	if err != nil {
		return report{}, fmt.Errorf("no field answers; start one with fieldsim run: %w", err)
	}
	defer response.Body.Close()
	var did report
	if err := json.NewDecoder(response.Body).Decode(&did); err != nil {
		return did, fmt.Errorf("the field answered %s: %w", response.Status, err)
	}
	if did.Error != "" {
		return did, errors.New(did.Error)
	}
	return did, nil
}
