package clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.linecorp.armeria.client.Endpoint;
import com.linecorp.armeria.client.endpoint.EndpointGroup;
import com.linecorp.armeria.client.endpoint.healthcheck.HealthCheckedEndpointGroup;
import com.linecorp.armeria.client.eureka.EurekaEndpointGroup;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.eureka.InstanceInfo;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.eureka.EurekaUpdatingListener;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A small Armeria server that registers itself, and an endpoint group of all that is UP. */
public final class ArmeriaClient {
    private static final String PATH = "/eureka";

    public static void main(String[] arguments) throws Exception {
        JsonNode settings = Console.settings(arguments);
        SessionProtocol protocol = SessionProtocol.of(settings.get("transport").asText());
        EndpointGroup servers = servers(settings, protocol);
        Server server = Server.builder()
                .http(new InetSocketAddress("127.0.0.1", settings.get("port").asInt()))
                .service("/", (context, request) -> HttpResponse.of("here"))
                .serverListener(listener(settings, protocol, servers))
                .build();
        server.start().join();
        EurekaEndpointGroup everything = EurekaEndpointGroup.builder(protocol, servers, PATH)
                .registryFetchInterval(Duration.ofSeconds(1))
                .build();
        new Console(() -> everything.endpoints().stream()
                        .map(InstanceInfo::instanceInfo)
                        .map(seen -> Console.described(
                                seen.getAppName(), seen.getInstanceId(), seen.getStatus(), seen.getMetadata()))
                        .collect(Collectors.toList()))
                .run();
        server.stop().join();
        // The cancel goes out beside the stop, which does not wait for it.
        Thread.sleep(1000);
        System.exit(0);
    }

    /**
     * The servers that answer. A plain group takes turns between all of them: with one dead of two, a heartbeat that is
     * told to register again may find its registration's turn at the dead one, every time.
     */
    private static EndpointGroup servers(JsonNode settings, SessionProtocol protocol) {
        List<Endpoint> servers = new ArrayList<>();
        settings.get("urls").forEach(url -> servers.add(Endpoint.parse(URI.create(url.asText()).getAuthority())));
        return HealthCheckedEndpointGroup.builder(EndpointGroup.of(servers), "/livez")
                .protocol(protocol)
                .retryInterval(Duration.ofMillis(500))
                .build();
    }

    private static EurekaUpdatingListener listener(JsonNode settings, SessionProtocol protocol, EndpointGroup servers) {
        return EurekaUpdatingListener.builder(protocol, servers, PATH)
                .appName(settings.get("app").asText())
                .instanceId(settings.get("id").asText())
                .hostname(settings.get("host").asText())
                .ipAddr(settings.get("ip").asText())
                .port(settings.get("port").asInt())
                .securePort(settings.get("securePort").asInt())
                .vipAddress(settings.get("vip").asText())
                .secureVipAddress(settings.get("secureVip").asText())
                .homePageUrl(settings.get("homePageUrl").asText())
                .statusPageUrl(settings.get("statusPageUrl").asText())
                .healthCheckUrl(settings.get("healthCheckUrl").asText())
                .metadata(Console.metadata(settings))
                .renewalIntervalSeconds(1)
                .leaseDurationSeconds(settings.get("leaseSeconds").asInt())
                .build();
    }
}
