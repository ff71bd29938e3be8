// Package apigateway posts to connections through API Gateway's @connections
// API. It implements the poster of package realtime.
package apigateway
