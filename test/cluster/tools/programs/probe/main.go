// Command probe is what the smoke test runs in containers: it leaves a termination message, takes memory, serves, or
// asks the API server a question as any pod would.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

const (
	terminationLog = "/dev/termination-log"
	account        = "/var/run/secrets/kubernetes.io/serviceaccount"
)

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: probe say <message> | take <MiB> | ask <path of the API> | fetch <url> | serve <port>"))
	}
	argument := os.Args[2]
	switch os.Args[1] {
	case "say":
		say(argument)
	case "take":
		megabytes, err := strconv.Atoi(argument)
		fail(err)
		take(megabytes)
	case "ask":
		say(ask(argument))
	case "fetch":
		say(fetch(&http.Client{Timeout: 10 * time.Second}, argument, ""))
	case "serve":
		fail(http.ListenAndServe(":"+argument, http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(response, "served by a pod")
		})))
	default:
		fail(fmt.Errorf("unknown: %s", os.Args[1]))
	}
}

func say(message string) {
	fail(os.WriteFile(terminationLog, []byte(message), 0o644))
}

// take touches each page of the memory it asks for, so that the kernel has to find it.
func take(megabytes int) {
	taken := make([][]byte, 0, megabytes)
	for range megabytes {
		block := make([]byte, 1<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		taken = append(taken, block)
	}
	say(fmt.Sprintf("took %d MiB", len(taken)))
}

// ask reads a path of the API through the Service's address, with the pod's own token.
func ask(path string) string {
	token, err := os.ReadFile(account + "/token")
	fail(err)
	authority, err := os.ReadFile(account + "/ca.crt")
	fail(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	client := &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
	}
	server := net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"))
	return fetch(client, "https://"+server+path, string(token))
}

func fetch(client *http.Client, url, token string) string {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	fail(err)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	fail(err)
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1024))
	fail(err)
	return fmt.Sprintf("%d %s", response.StatusCode, body)
}

func fail(err error) {
	if err == nil {
		return
	}
	_ = os.WriteFile(terminationLog, []byte(err.Error()), 0o644)
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
