namespace DropoutLab.Random;

/// <summary>
/// What a random number is for. Two purposes never share a draw. The values are part of what a seed means: keep them.
/// </summary>
public enum RandomPurpose
{
    /// <summary>The first 16 bits that decide whether a feature is dropped.</summary>
    DropoutMask = 0,

    /// <summary>The next 16 bits, where the first equal the threshold's.</summary>
    MaskTie = 1,

    /// <summary>The order of the data in an epoch.</summary>
    Shuffle = 2,

    /// <summary>Initial weights.</summary>
    Initialisation = 3,

    /// <summary>Crops and flips of images.</summary>
    Augmentation = 4,

    /// <summary>Images and labels where there are none.</summary>
    MadeUpData = 5,
}
