package clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.netflix.discovery.EurekaClient;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.netflix.eureka.serviceregistry.EurekaRegistration;
import org.springframework.cloud.netflix.eureka.serviceregistry.EurekaServiceRegistry;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestTemplate;

/** A small Spring Boot web application that registers itself; the transport is a setting. */
@SpringBootApplication
public class SpringClient {
    @Bean
    @LoadBalanced
    RestTemplate callsByName() {
        return new RestTemplate();
    }

    /** What another instance reaches when it calls this one by name. */
    @RestController
    static class WhoAmI {
        private final Environment environment;

        WhoAmI(Environment environment) {
            this.environment = environment;
        }

        @GetMapping("/whoami")
        String whoAmI() {
            return environment.getProperty("eureka.instance.instance-id");
        }
    }

    public static void main(String[] arguments) throws Exception {
        JsonNode settings = Console.settings(arguments);
        ConfigurableApplicationContext context =
                new SpringApplicationBuilder(SpringClient.class).properties(properties(settings)).run();
        EurekaServiceRegistry registry = context.getBean(EurekaServiceRegistry.class);
        EurekaRegistration registration = context.getBean(EurekaRegistration.class);
        EurekaClient client = context.getBean(EurekaClient.class);
        RestTemplate rest = context.getBean("callsByName", RestTemplate.class);
        new Console(() -> EurekaView.of(client))
                .on("out", ignored -> {
                    registry.setStatus(registration, "OUT_OF_SERVICE");
                    return "out";
                })
                .on("back", ignored -> {
                    registry.setStatus(registration, "CANCEL_OVERRIDE");
                    return "back";
                })
                .on("call", name -> rest.getForObject("http://" + name + "/whoami", String.class))
                .run();
        System.exit(0);
    }

    private static Map<String, Object> properties(JsonNode settings) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("spring.main.banner-mode", "off");
        properties.put("spring.application.name", settings.get("app").asText());
        properties.put("server.address", "127.0.0.1");
        properties.put("server.port", settings.get("port").asText());
        properties.put("spring.cloud.loadbalancer.cache.enabled", "false");
        addInstance(properties, settings);
        addClient(properties, settings);
        return properties;
    }

    private static void addInstance(Map<String, Object> properties, JsonNode settings) {
        String prefix = "eureka.instance.";
        properties.put(prefix + "instance-id", settings.get("id").asText());
        properties.put(prefix + "hostname", settings.get("host").asText());
        properties.put(prefix + "ip-address", settings.get("ip").asText());
        properties.put(prefix + "secure-port", settings.get("securePort").asText());
        properties.put(prefix + "secure-port-enabled", settings.get("securePortEnabled").asText());
        properties.put(prefix + "virtual-host-name", settings.get("vip").asText());
        properties.put(prefix + "secure-virtual-host-name", settings.get("secureVip").asText());
        properties.put(prefix + "home-page-url", settings.get("homePageUrl").asText());
        properties.put(prefix + "status-page-url", settings.get("statusPageUrl").asText());
        properties.put(prefix + "health-check-url", settings.get("healthCheckUrl").asText());
        properties.put(prefix + "lease-renewal-interval-in-seconds", "1");
        properties.put(prefix + "lease-expiration-duration-in-seconds", settings.get("leaseSeconds").asText());
        // Brackets keep dots and dashes of a key from being read as structure.
        Console.metadata(settings).forEach((key, value) -> properties.put(prefix + "metadata-map[" + key + "]", value));
    }

    private static void addClient(Map<String, Object> properties, JsonNode settings) {
        String prefix = "eureka.client.";
        properties.put(prefix + "service-url.defaultZone", Console.urls(settings));
        properties.put(prefix + "registry-fetch-interval-seconds", "1");
        properties.put(prefix + "initial-instance-info-replication-interval-seconds", "1");
        properties.put(prefix + "instance-info-replication-interval-seconds", "1");
        properties.put(prefix + "filter-only-up-instances", "false");
        for (String transport : new String[] {"restclient", "webclient", "jersey"}) {
            properties.put(prefix + transport + ".enabled", transport.equals(settings.get("transport").asText()));
        }
    }
}
