namespace DropoutLab.Training;

/// <summary>How bytes become a network's input.</summary>
public enum PixelScaling
{
    /// <summary>Pixels 0 to 255 less the training set's mean image: Caffe's way.</summary>
    MeanImage,

    /// <summary>Pixels less their channel's mean, divided by their channel's standard deviation, over the training set.</summary>
    PerChannel,
}
