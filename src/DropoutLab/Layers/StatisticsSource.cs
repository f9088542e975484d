namespace DropoutLab.Layers;

/// <summary>Where a built network takes what it normalises by from.</summary>
public enum StatisticsSource
{
    /// <summary>The batch at hand, as training does; running averages of it are kept.</summary>
    Batch,

    /// <summary>The averages that training kept, so that a datum's result does not depend on the others in its batch.</summary>
    RunningAverage,
}
