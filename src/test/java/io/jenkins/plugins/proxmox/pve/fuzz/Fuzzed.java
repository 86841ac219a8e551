package io.jenkins.plugins.proxmox.pve.fuzz;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AddLifecycleHook;

/** A property that is tried with generated inputs: a fixed number of them in a build, for a fixed time with {@code -Pfuzz}. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Property(generation = GenerationMode.RANDOMIZED, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.BOUNDED)
@AddLifecycleHook(FuzzRun.class)
public @interface Fuzzed {

    /** How many inputs of 64 KiB an ordinary build tries. */
    int LONG = 40;

    /** How many inputs an ordinary build tries. */
    int inputs() default 10_000;
}
