package bankfile

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

const camt053 = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."

// ParseCAMT reads an ISO 20022 bank statement, camt.053 of any version: booked
// entries in CNY of one account. It fails as Parse does, and with ErrNotCAMT or
// ErrAccounts. The statement's own count, sums and balances must hold.
func ParseCAMT(r io.Reader) (File, error) {
	in := newInput(r)
	s := &statement{decoder: xml.NewDecoder(in)}
	s.decoder.CharsetReader = charset
	for {
		token, err := s.decoder.Token()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = s.take(token)
		}
		if err != nil {
			return File{}, s.cut(err)
		}
	}
	if !s.named || s.depth > 0 {
		return File{}, ErrNotCAMT
	}
	if _, err := io.Copy(io.Discard, in); err != nil { // the hash is of all bytes
		return File{}, err
	}
	in.hash.Sum(s.file.Hash[:0])
	return s.file, nil
}

// charset reads the encodings in which Chinese banks write XML.
func charset(label string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "gbk", "gb2312", "gb18030":
		return simplifiedchinese.GB18030.NewDecoder().Reader(in), nil
	}
	return nil, ErrEncoding.With("Line", 1, "Encoding", label)
}

// statement is a document being read.
type statement struct {
	decoder *xml.Decoder
	file    File
	named   bool // the root said that it is camt.053
	depth   int
	within  bool // a Stmt
	entries int
	credits ledger.Amount
	debits  ledger.Amount
	says    summary
}

// summary is what a statement says about itself.
type summary struct {
	Account struct {
		IBAN  string `xml:"Id>IBAN"`
		Other string `xml:"Id>Othr>Id"`
	} `xml:"Acct"`
	Balances []balance `xml:"Bal"`
	Sums     struct {
		All    sums `xml:"TtlNtries"`
		Credit sums `xml:"TtlCdtNtries"`
		Debit  sums `xml:"TtlDbtNtries"`
	} `xml:"TxsSummry"`
}

type sums struct {
	Count string `xml:"NbOfNtries"`
	Sum   string `xml:"Sum"`
}

type balance struct {
	Code   string `xml:"Tp>CdOrPrtry>Cd"`
	Amount money  `xml:"Amt"`
	Side   string `xml:"CdtDbtInd"`
}

type money struct {
	Currency string `xml:"Ccy,attr"`
	Text     string `xml:",chardata"`
}

// cut tells a document that ends too early from one that fails for another reason.
func (s *statement) cut(err error) error {
	var syntax *xml.SyntaxError
	var known *vending.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF"):
		if !s.named {
			return ErrNotCAMT
		}
		return ErrTruncated.With("Lines", s.entries)
	case errors.As(err, &syntax) && !s.named:
		return ErrNotCAMT
	case errors.As(err, &syntax):
		return wrong(syntax.Line, "xml", syntax.Msg, "well_formed")
	}
	return err
}

// take reads a token of the document's frame; whole elements below Stmt are
// decoded at once, so a statement of any length is never in memory as XML.
func (s *statement) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		if !s.named {
			if t.Name.Local != "Document" || !strings.HasPrefix(t.Name.Space, camt053) {
				return ErrNotCAMT
			}
			s.named = true
		}
		if s.within {
			return s.element(t)
		}
		s.depth++
		if t.Name.Local == "Stmt" {
			s.within, s.entries, s.says = true, 0, summary{}
			s.credits, s.debits = ledger.Fen(0), ledger.Fen(0)
		}
	case xml.EndElement:
		s.depth--
		if s.within {
			s.within = false
			return s.end()
		}
	}
	return nil
}

func (s *statement) element(t xml.StartElement) error {
	switch t.Name.Local {
	case "Acct":
		return s.decoder.DecodeElement(&s.says.Account, &t)
	case "TxsSummry":
		return s.decoder.DecodeElement(&s.says.Sums, &t)
	case "Bal":
		var b balance
		err := s.decoder.DecodeElement(&b, &t)
		s.says.Balances = append(s.says.Balances, b)
		return err
	case "Ntry":
		no, _ := s.decoder.InputPos()
		var e entry
		if err := s.decoder.DecodeElement(&e, &t); err != nil {
			return err
		}
		return s.entry(no, e)
	}
	return s.decoder.Skip()
}
