package clients;

import com.netflix.discovery.AbstractDiscoveryClientOptionalArgs;
import com.netflix.discovery.Jersey3DiscoveryClientOptionalArgs;
import com.netflix.discovery.shared.transport.jersey.TransportClientFactories;
import com.netflix.discovery.shared.transport.jersey3.Jersey3TransportClientFactories;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Since its version 4 Spring Cloud Netflix leaves the two beans of the Jersey transport to the application. */
@Configuration
@ConditionalOnProperty("eureka.client.jersey.enabled")
class JerseyTransport {
    @Bean
    TransportClientFactories<?> jerseyFactories() {
        return Jersey3TransportClientFactories.getInstance();
    }

    @Bean
    AbstractDiscoveryClientOptionalArgs<?> jerseyArguments() {
        return new Jersey3DiscoveryClientOptionalArgs();
    }
}
