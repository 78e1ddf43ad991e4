package cardfile

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Schema is the JSON schema of a layout file.
//
//go:embed layout.schema.json
var Schema []byte

// schemaURL is what the schema calls itself.
const schemaURL = "https://vendgate.example/layout.schema.json"

// Parse reads a layout file. What is wrong with it comes as *Error values, joined, each with its line: whatever the
// schema refuses, unknown keys among it; what cannot be on any card; and what would make the layout unsafe or
// unproved. It does not run the vectors: Test does.
func Parse(text []byte) (*Layout, error) {
	at, err := linesOf(text)
	if err != nil {
		return nil, err
	}
	if err := at.schema(text); err != nil {
		return nil, err
	}
	l := &Layout{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode(&l.file); err != nil {
		return nil, at.problem("", "%s", err)
	}
	if err := l.compile(at); err != nil {
		return nil, err
	}
	return l, nil
}

// schema holds the text against the schema.
func (l *lines) schema(text []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return l.problem("", "%s", err)
	}
	schema, err := compileSchema()
	if err != nil {
		return err
	}
	var invalid *jsonschema.ValidationError
	if err := schema.Validate(value); errors.As(err, &invalid) {
		return l.causes(invalid)
	}
	return nil
}

// compileSchema is done once: it takes longer than all the rest.
var compileSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		return nil, fmt.Errorf("the schema of layouts: %w", err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaURL, value); err != nil {
		return nil, fmt.Errorf("the schema of layouts: %w", err)
	}
	return c.Compile(schemaURL)
})

// causes are the innermost reasons why the schema refuses something, each with its line.
func (l *lines) causes(e *jsonschema.ValidationError) error {
	if len(e.Causes) == 0 {
		pointer := ""
		if len(e.InstanceLocation) > 0 {
			pointer = "/" + strings.Join(e.InstanceLocation, "/")
		}
		return l.problem(pointer, "%s: %s", pointer, e.ErrorKind.LocalizedString(message.NewPrinter(language.English)))
	}
	var all error
	for _, cause := range e.Causes {
		all = errors.Join(all, l.causes(cause))
	}
	return all
}
