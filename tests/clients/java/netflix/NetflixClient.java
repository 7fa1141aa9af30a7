package clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.appinfo.InstanceInfo;
import com.netflix.appinfo.MyDataCenterInstanceConfig;
import com.netflix.appinfo.providers.EurekaConfigBasedInstanceInfoProvider;
import com.netflix.config.ConfigurationManager;
import com.netflix.discovery.DefaultEurekaClientConfig;
import com.netflix.discovery.EurekaClient;
import java.util.Map;
import org.apache.commons.configuration.AbstractConfiguration;

/** Netflix's own client as it comes, without Spring; the line decides the transport. */
public final class NetflixClient {
    public static void main(String[] arguments) throws Exception {
        JsonNode settings = Console.settings(arguments);
        configure(settings);
        ApplicationInfoManager manager = manager(settings);
        EurekaClient client = Transport.connect(manager, new DefaultEurekaClientConfig());
        manager.setInstanceStatus(InstanceInfo.InstanceStatus.UP);
        new Console(() -> EurekaView.of(client)).run();
        client.shutdown();
        System.exit(0);
    }

    private static ApplicationInfoManager manager(JsonNode settings) {
        MyDataCenterInstanceConfig instance = new Told(settings);
        return new ApplicationInfoManager(instance, new EurekaConfigBasedInstanceInfoProvider(instance).get());
    }

    private static void configure(JsonNode settings) {
        AbstractConfiguration.setDefaultListDelimiter('\0');
        AbstractConfiguration properties = ConfigurationManager.getConfigInstance();
        properties.setProperty("eureka.serviceUrl.default", Console.urls(settings));
        properties.setProperty("eureka.name", settings.get("app").asText());
        properties.setProperty("eureka.vipAddress", settings.get("vip").asText());
        properties.setProperty("eureka.secureVipAddress", settings.get("secureVip").asText());
        properties.setProperty("eureka.port", settings.get("port").asText());
        properties.setProperty("eureka.port.enabled", true);
        properties.setProperty("eureka.securePort", settings.get("securePort").asText());
        properties.setProperty("eureka.securePort.enabled", settings.get("securePortEnabled").asText());
        properties.setProperty("eureka.homePageUrl", settings.get("homePageUrl").asText());
        properties.setProperty("eureka.statusPageUrl", settings.get("statusPageUrl").asText());
        properties.setProperty("eureka.healthCheckUrl", settings.get("healthCheckUrl").asText());
        properties.setProperty("eureka.lease.renewalInterval", 1);
        properties.setProperty("eureka.lease.duration", settings.get("leaseSeconds").asText());
        properties.setProperty("eureka.client.refresh.interval", 1);
        properties.setProperty("eureka.appinfo.initial.replicate.time", 1);
        properties.setProperty("eureka.appinfo.replicate.interval", 1);
        properties.setProperty("eureka.shouldFilterOnlyUpInstances", false);
        properties.setProperty("eureka.preferSameZone", false);
        properties.setProperty("eureka.shouldUseDns", false);
    }

    /** Host, address and metadata as told: from properties the library would take the machine's own. */
    private static final class Told extends MyDataCenterInstanceConfig {
        private final JsonNode settings;

        Told(JsonNode settings) {
            this.settings = settings;
        }

        @Override
        public String getInstanceId() {
            return settings.get("id").asText();
        }

        @Override
        public String getHostName(boolean refresh) {
            return settings.get("host").asText();
        }

        @Override
        public String getIpAddress() {
            return settings.get("ip").asText();
        }

        @Override
        public Map<String, String> getMetadataMap() {
            return Console.metadata(settings);
        }
    }
}
