namespace DropoutLab.Experiments.Slurm;

/// <summary>What Slurm says of a run's task.</summary>
/// <param name="Id">Its job array's number and its own in that, as in 42_7.</param>
/// <param name="State">In Slurm's word, as PENDING.</param>
/// <param name="Reason">Why it waits or how it ended, in Slurm's word; empty where there is none.</param>
/// <param name="Node">Where it runs; empty where it does not.</param>
public sealed record SlurmTask(string Id, string State, string Reason, string Node)
{
    internal const string Running = "RUNNING";

    /// <summary>What tasks end in; every other state leads to one of these.</summary>
    private static readonly HashSet<string> Ends =
    [
        "COMPLETED", "CANCELLED", "PREEMPTED", "FAILED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "BOOT_FAIL", "DEADLINE",
        "LAUNCH_FAILED", "REVOKED",
    ];

    /// <summary>Whether it waits, runs or is just ending: its run is not to be submitted again.</summary>
    public bool IsLive => !Ends.Contains(State);

    /// <summary>Whether Slurm ended it, and nobody wanted that.</summary>
    public bool HasFailed => !IsLive && State is not ("COMPLETED" or "CANCELLED" or "PREEMPTED");

    /// <summary>The number of its job array.</summary>
    public string Job => Id.Split('_')[0];

    /// <summary>State and reason, as in "PENDING (Priority)", or the node, as in "RUNNING on n1".</summary>
    public override string ToString() =>
        State == Running && Node.Length > 0 ? $"{State} on {Node}" : Reason.Length > 0 ? $"{State} ({Reason})" : State;

    /// <summary>A line that squeue prints by <see cref="QueueFormat"/>; null for a job that is no array.</summary>
    internal static SlurmTask? OfQueue(string line) => line.Split('|', 5) is [var job, var index, var state, var node, var reason]
        ? new SlurmTask($"{job}_{index}", state, reason.Trim() is "None" ? "" : reason.Trim(), node)
        : null;

    /// <summary>A line of the accounts, by <see cref="AccountFormat"/>, as in "42_7|CANCELLED by 1000".</summary>
    internal static SlurmTask? OfAccount(string line) => line.Split('|') is [var id, var state]
        ? new SlurmTask(id, state.Split(' ')[0], state.Contains(' ') ? state[(state.IndexOf(' ') + 1)..].Trim() : "", "")
        : null;

    /// <summary>Array, index in it, state, node, reason.</summary>
    internal const string QueueFormat = "%F|%K|%T|%N|%r";

    internal const string AccountFormat = "JobID,State";
}
