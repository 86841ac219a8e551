package io.jenkins.plugins.proxmox.credentials;

import com.cloudbees.plugins.credentials.common.StandardCredentials;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import java.util.List;
import java.util.Map;
import org.jenkinsci.plugins.pipeline.modeldefinition.model.CredentialsBindingHandler;

/**
 * {@code PVE = credentials('pve')} in the {@code environment} of a declarative Pipeline: {@code PVE},
 * {@code PVE_TOKEN_ID} and {@code PVE_SECRET}. Absent where declarative Pipelines are not installed.
 */
@Extension(optional = true)
public final class ProxmoxApiTokenBindingHandler extends CredentialsBindingHandler<ProxmoxApiToken> {

    @NonNull
    @Override
    public Class<? extends StandardCredentials> type() {
        return ProxmoxApiToken.class;
    }

    @NonNull
    @Override
    public List<Map<String, Object>> getWithCredentialsParameters(String credentialsId) {
        return List.of(Map.of(
                "$class",
                ProxmoxApiTokenBinding.class.getName(),
                "variable",
                new EnvVarResolver(),
                "credentialsId",
                credentialsId));
    }
}
