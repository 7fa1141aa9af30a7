// go-eureka-client, which writes JSON and reads XML.
package main

import (
	"github.com/ArthurHlt/go-eureka-client/eureka"

	"peerage/clients/console"
)

func main() {
	settings := console.ReadSettings()
	client := eureka.NewClient(settings.URLs)
	own := instance(settings)
	console.Client{
		Register: func() error { return client.RegisterInstance(own.App, own) },
		Beat:     func() error { return client.SendHeartbeat(own.App, own.InstanceID) },
		See:      func() ([]console.Instance, error) { return view(client) },
		Cancel:   func() error { return client.UnregisterInstance(own.App, own.InstanceID) },
	}.Run()
}

func instance(settings console.Settings) *eureka.InstanceInfo {
	ttl := uint(settings.LeaseSeconds)
	own := eureka.NewInstanceInfo(settings.Host, settings.App, settings.IP, settings.Port, ttl, false)
	own.InstanceID = settings.ID
	own.VipAddress = settings.VIP
	own.SecureVipAddress = settings.SecureVIP
	own.SecurePort = &eureka.Port{Port: settings.SecurePort, Enabled: settings.SecurePortEnabled}
	own.HomePageUrl = settings.HomePageURL
	own.StatusPageUrl = settings.StatusPageURL
	own.HealthCheckUrl = settings.HealthCheckURL
	own.LeaseInfo.RenewalIntervalInSecs = 1
	own.LeaseInfo.DurationInSecs = settings.LeaseSeconds
	own.Metadata = &eureka.MetaData{Map: settings.Metadata}
	return own
}

func view(client *eureka.Client) ([]console.Instance, error) {
	applications, err := client.GetApplications()
	if err != nil {
		return nil, err
	}
	instances := []console.Instance{}
	for _, application := range applications.Applications {
		for _, seen := range application.Instances {
			instances = append(instances, console.Instance{
				App: seen.App, ID: seen.InstanceID, Status: seen.Status, Metadata: seen.Metadata.Map,
			})
		}
	}
	return instances, nil
}
