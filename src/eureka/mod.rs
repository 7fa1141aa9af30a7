//! Eureka wire.
