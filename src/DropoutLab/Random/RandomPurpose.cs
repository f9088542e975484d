namespace DropoutLab.Random;

/// <summary>
/// What a random number is for. Two purposes never share a draw. The values are part of what a seed means: keep
/// them. 1 is nothing's.
/// </summary>
public enum RandomPurpose
{
    /// <summary>The digits that decide whether a feature is dropped.</summary>
    DropoutMask = 0,

    /// <summary>The order of the data in an epoch.</summary>
    Shuffle = 2,

    /// <summary>Initial weights.</summary>
    Initialisation = 3,

    /// <summary>Crops and flips of images.</summary>
    Augmentation = 4,

    /// <summary>Images and labels where there are none.</summary>
    MadeUpData = 5,
}
