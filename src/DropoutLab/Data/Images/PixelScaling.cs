namespace DropoutLab.Data.Images;

/// <summary>How pixels become a network's input.</summary>
public enum PixelScaling
{
    /// <summary>Pixels, of bytes 0 to 255, less the training set's mean image: Caffe's way.</summary>
    MeanImage,

    /// <summary>Pixels less their channel's mean, divided by their channel's standard deviation, over the training set.</summary>
    PerChannel,

    /// <summary>Pixels as they are: for numbers that have been scaled before.</summary>
    None,
}
