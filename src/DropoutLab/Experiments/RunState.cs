namespace DropoutLab.Experiments;

/// <summary>Where a run of a sweep stands.</summary>
public enum RunState
{
    /// <summary>Not begun.</summary>
    Waiting,

    /// <summary>A process works on it.</summary>
    Running,

    /// <summary>Begun, and to be gone on with by the next start.</summary>
    Interrupted,

    /// <summary>Every epoch is on the disk.</summary>
    Finished,

    /// <summary>Ended with an error; the next start tries again.</summary>
    Failed,
}
