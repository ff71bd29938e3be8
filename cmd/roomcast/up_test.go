package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/local"
	"github.com/roomcast/roomcast/internal/site"
)

// runWith runs an API with more resources and outputs, and a page.
func runWith(t *testing.T, more, outputs string) *cli.Running {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"manifest.json": `{"artifacts":{"S":{"type":"aws:cloudformation:stack","properties":{"templateFile":"S.json"}}}}`,
		"S.json": `{"Resources":{
			"Api":{"Type":"AWS::ApiGatewayV2::Api","Properties":{"ProtocolType":"WEBSOCKET","RouteSelectionExpression":"$request.body.action"}},
			"Stage":{"Type":"AWS::ApiGatewayV2::Stage","Properties":{"ApiId":{"Ref":"Api"},"StageName":"live"}}` + more + `},"Outputs":{` + outputs + `}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	page := site.New(t.TempDir())
	cloud, err := local.Start(t.Context(), local.Options{Assembly: dir, Site: page})
	if err != nil {
		t.Fatal(err)
	}
	r := &cli.Running{Cloud: cloud}
	t.Cleanup(func() { _ = r.Close() })
	r.Serve(page, true)
	return r
}

// The URL that up prints returns tokens that are signed with the stack's
// secret.
func TestUpHandsOutTokens(t *testing.T) {
	t.Parallel()
	r := runWith(t, `,"Key":{"Type":"AWS::SecretsManager::Secret","Properties":{"GenerateSecretString":{"PasswordLength":64,"ExcludePunctuation":true}}}`,
		`"AuthSecretArn":{"Value":{"Ref":"Key"}}`)
	secret, ok := r.Secret(r.Outputs()["AuthSecretArn"])
	if !ok {
		t.Fatal("the stack has no secret")
	}
	var printed, line bytes.Buffer
	announce(&printed, r, nil)
	if err := announceJSON(&line, r, nil); err != nil {
		t.Fatal(err)
	}
	var ready struct{ TokenURL string }
	if err := json.Unmarshal(line.Bytes(), &ready); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(printed.String(), "curl '"+ready.TokenURL+"ada'") || strings.Contains(printed.String()+line.String(), secret) {
		t.Errorf("it prints %s\n%s", line.String(), printed.String())
	}
	response, err := http.Get(ready.TokenURL + "ada")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	token, _ := io.ReadAll(response.Body)
	read, err := jwt.Parse(string(token), func(*jwt.Token) (any, error) { return []byte(secret), nil }, jwt.WithValidMethods([]string{"HS256"}))
	if err != nil {
		t.Fatalf("%s %s: %v", response.Status, token, err)
	}
	if user, _ := read.Claims.GetSubject(); user != "ada" {
		t.Errorf("the token is one of %q", user)
	}
}

// A stack without a secret has no tokens.
func TestUpHandsOutNoTokens(t *testing.T) {
	t.Parallel()
	for name, outputs := range map[string]string{"open": ``, "a secret of another stack": `"AuthSecretArn":{"Value":"arn:aws:secretsmanager:us-east-1:1:secret:x"}`} {
		r := runWith(t, "", outputs)
		var printed bytes.Buffer
		announce(&printed, r, nil)
		if r.TokenURL() != "" || strings.Contains(printed.String(), "token") {
			t.Errorf("%s: it prints %s", name, printed.String())
		}
	}
}

// The page of a stack with another identity provider says so, instead of
// retrying indefinitely.
func TestUpSaysThatOthersSignIn(t *testing.T) {
	t.Parallel()
	r := runWith(t, `, "Connect": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": "$connect", "AuthorizationType": "AWS_IAM"}}`, "")
	if r.TokenURL() != "" || !r.APIs()[0].Guarded {
		t.Errorf("tokens are at %q, and the API is %+v", r.TokenURL(), r.APIs()[0])
	}
	for path, want := range map[string]string{"_roomcast/config.json": `"auth":"token"`, "_roomcast/token?userId=ada": "sign in elsewhere"} {
		response, err := http.Get(r.SiteURL() + path)
		if err != nil {
			t.Fatal(err)
		}
		said, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if !strings.Contains(string(said), want) {
			t.Errorf("%s: %s, want %s", path, said, want)
		}
	}
}
